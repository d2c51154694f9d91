package plan_test

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"stickylab/sim/scenario"
)

func schema(t *testing.T) map[string]any {
	t.Helper()
	raw, err := scenario.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	inline(t, out, out)
	return out
}

// inline puts what references stand for in their place.
func inline(t *testing.T, root map[string]any, in any) {
	switch in := in.(type) {
	case []any:
		for _, one := range in {
			inline(t, root, one)
		}
	case map[string]any:
		if ref, ok := in["$ref"].(string); ok {
			delete(in, "$ref")
			at := root
			for _, part := range strings.Split(ref, "/")[1:] {
				if at, ok = at[part].(map[string]any); !ok {
					t.Fatalf("%s leads nowhere", ref)
				}
			}
			inline(t, root, at)
			for key, value := range at {
				if _, own := in[key]; !own {
					in[key] = value
				}
			}
			return
		}
		for key, one := range in {
			if key != "$defs" {
				inline(t, root, one)
			}
		}
	}
}

func TestSchemaIsCurrent(t *testing.T) {
	raw, err := scenario.Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../scenario/schema.json", string(raw))
}

// decoded is a file as an editor sees it: YAML taken for JSON.
func decoded(t *testing.T, src []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(src, &v); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSchemaAcceptsWhatParseAccepts(t *testing.T) {
	s := schema(t)
	for name, src := range goodFiles(t) {
		if name == "everything.yaml" {
			src = []byte(strings.Replace(string(src), ".inf", "0", 1)) // JSON has no infinity
		}
		if err := valid(s, decoded(t, src), ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Mistakes of form are what an editor can show while one types.
func TestSchemaRefusesMistakesOfForm(t *testing.T) {
	s := schema(t)
	for _, name := range []string{
		"unknown-key", "unknown-key-nested", "wrong-type", "bad-duration", "missing-required", "seed", "seed-negative", "count-zero", "both-proxy-forms",
		"no-proxy-form", "step-keys", "values-of-groups", "version", "null-values", "scalar",
	} {
		src := read(t, filepath.Join("testdata/bad", name+".yaml"))
		if valid(s, decoded(t, src), "") == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// valid checks a value against the keywords that the schema uses; one that it
// does not know is an error, so that none is passed over.
func valid(s map[string]any, v any, path string) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...))
	}
	object, isObject := v.(map[string]any)
	list, isList := v.([]any)
	text, isText := v.(string)
	number, isNumber := v.(float64)
	for keyword, arg := range s {
		switch keyword {
		case "$schema", "$defs", "title", "description", "default":
		case "type":
			_, isBool := v.(bool)
			ok := map[string]bool{"object": isObject, "array": isList, "string": isText, "number": isNumber, "boolean": isBool, "integer": isNumber && number == math.Trunc(number)}
			if !ok[arg.(string)] {
				return fail("%v is no %s", v, arg)
			}
		case "enum":
			if !slices.ContainsFunc(arg.([]any), func(e any) bool { return reflect.DeepEqual(e, v) }) {
				return fail("%v is none of %v", v, arg)
			}
		case "const":
			if !reflect.DeepEqual(arg, v) {
				return fail("%v is not %v", v, arg)
			}
		case "pattern":
			if isText && !regexp.MustCompile(arg.(string)).MatchString(text) {
				return fail("%q does not match %s", text, arg)
			}
		case "maxItems":
			if isList && len(list) > int(arg.(float64)) {
				return fail("%d entries, maxItems is %v", len(list), arg)
			}
		case "maxLength":
			if isText && len(text) > int(arg.(float64)) {
				return fail("%d characters, maxLength is %v", len(text), arg)
			}
		case "minLength", "minItems", "minProperties":
			if n := map[string]int{"minLength": len(text), "minItems": len(list), "minProperties": len(object)}[keyword]; (isText || isList || isObject) && n < int(arg.(float64)) {
				return fail("%d, %s is %v", n, keyword, arg)
			}
		case "minimum":
			if isNumber && number < arg.(float64) {
				return fail("%v is below %v", v, arg)
			}
		case "maximum":
			if isNumber && number > arg.(float64) {
				return fail("%v is above %v", v, arg)
			}
		case "uniqueItems":
			for i := range list {
				if slices.Contains(list[:i], list[i]) {
					return fail("%v appears twice", list[i])
				}
			}
		case "required":
			for _, key := range arg.([]any) {
				if _, ok := object[key.(string)]; isObject && !ok {
					return fail("lacks %v", key)
				}
			}
		case "items":
			for i, item := range list {
				if err := valid(arg.(map[string]any), item, fmt.Sprintf("%s[%d]", path, i)); err != nil {
					return err
				}
			}
		case "propertyNames":
			for key := range object {
				if err := valid(arg.(map[string]any), key, path); err != nil {
					return err
				}
			}
		case "properties":
			for key, inner := range arg.(map[string]any) {
				if value, ok := object[key]; ok && inner != true {
					if err := valid(inner.(map[string]any), value, path+"."+key); err != nil {
						return err
					}
				}
			}
		case "additionalProperties":
			properties, _ := s["properties"].(map[string]any)
			for key, value := range object {
				if _, ok := properties[key]; ok {
					continue
				}
				if arg == false {
					return fail("unknown key %q", key)
				}
				if err := valid(arg.(map[string]any), value, path+"."+key); err != nil {
					return err
				}
			}
		case "anyOf", "oneOf":
			fits, last := 0, error(nil)
			for _, form := range arg.([]any) {
				if err := valid(form.(map[string]any), v, path); err != nil {
					last = err
				} else {
					fits++
				}
			}
			if fits == 0 || keyword == "oneOf" && fits > 1 {
				return fail("fits %d forms: %v", fits, last)
			}
		default:
			return fail("keyword %q is not known to this test", keyword)
		}
	}
	return nil
}
