package scenario

import (
	"testing"

	"stickylab/sim/scenario/yamltree"

	"github.com/google/go-cmp/cmp"
)

// The schema has the keys that decoding has, in the same order, and needs the
// same ones.
func TestSchemaHasTheKeysOfDecoding(t *testing.T) {
	d := &decoder{Reporter: &yamltree.Reporter{Origin: yamltree.NewOrigin()}}
	for name, tt := range map[string]struct {
		fields []field
		schema any
	}{
		"file":         {d.fileFields(nil, &File{}), &schemaFile{}},
		"node":         {d.nodeFields(&Node{}), &schemaNode{}},
		"socketio":     {d.socketIOFields(&SocketIO{}), &schemaSocketIO{}},
		"proxy":        {d.proxyFields(&Proxy{}), &schemaProxy{}},
		"front":        {d.frontFields(&Front{}), &schemaFront{}},
		"scale":        {d.scaleFields(&Step{}), &schemaScaleTo{}},
		"latency":      {d.latencyFields(&Latency{}), &schemaLatencies{}},
		"network":      {d.networkFields(&Network{}), &schemaNetwork{}},
		"group":        {d.groupFields(&Group{}), &schemaGroup{}},
		"reconnection": {d.reconnectionFields(&Reconnection{}), &schemaReconnect{}},
		"lesson":       {d.lessonFields(&Lesson{}), &schemaLesson{}},
		"prediction":   {d.predictionFields(&Prediction{}), &schemaPrediction{}},
		"expectation":  {d.expectationFields(&Expectation{}), &schemaExpectation{}},
	} {
		s := inline(tt.schema)
		var keys, need []string
		for p := s.Properties.Oldest(); p != nil; p = p.Next() {
			keys = append(keys, p.Key)
			if p.Value.Description == "" {
				t.Errorf("%s: %s has no description", name, p.Key)
			}
		}
		for _, f := range tt.fields {
			if f.need {
				need = append(need, f.key)
			}
		}
		if diff := cmp.Diff(keysOf(tt.fields), keys); diff != "" {
			t.Errorf("%s: keys (-decoding +schema)\n%s", name, diff)
		}
		if diff := cmp.Diff(need, s.Required); diff != "" {
			t.Errorf("%s: required (-decoding +schema)\n%s", name, diff)
		}
	}
}

func TestSchemaHasAFormForEachVerb(t *testing.T) {
	d := &decoder{Reporter: &yamltree.Reporter{Origin: yamltree.NewOrigin()}}
	forms := schemaStep{}.JSONSchema().AnyOf
	for i, v := range Verbs {
		var keys, need []string
		for p := forms[i].Properties.Oldest(); p != nil; p = p.Next() {
			keys = append(keys, p.Key)
		}
		fields := d.stepFields(&Step{Verb: v})
		for _, f := range fields {
			if f.need {
				need = append(need, f.key)
			}
		}
		if diff := cmp.Diff(keysOf(fields), keys); diff != "" {
			t.Errorf("%s: keys (-decoding +schema)\n%s", v, diff)
		}
		if diff := cmp.Diff(need, forms[i].Required); diff != "" {
			t.Errorf("%s: required (-decoding +schema)\n%s", v, diff)
		}
	}
}

func TestDurationsAreRepaired(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"60", "60s"}, {"5 sec", "5s"}, {"1 min 30", "1m30s"}, {"2 Minutes", "2m"}, {"250 millis", "250ms"}, {"-5s", "5s"}, {"soon", ""}, {"", ""}, {"5 parsec", ""},
	} {
		if got := repairDuration(tt.text); got != tt.want {
			t.Errorf("repairDuration(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestSpansPrintAsTheyAreWritten(t *testing.T) {
	for _, text := range []string{"500us", "20ms..60ms", "0s..5s", "1m", "1h", "1h30m", "1m30s", "1h0m5s"} {
		s, _, ok := parseSpan(text)
		if !ok || s.String() != text {
			t.Errorf("%q prints as %q", text, s)
		}
	}
}
