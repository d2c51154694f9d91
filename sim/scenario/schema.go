package scenario

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/invopop/jsonschema"
)

// Schema returns the JSON Schema of scenario files, for editors. It knows keys,
// kinds and forms; what only the whole file shows, Parse checks. It fails only if it
// cannot be encoded.
func Schema() ([]byte, error) {
	defs := &schemas{defs: jsonschema.Definitions{}}
	s := defs.object(NewFile().mapping())
	s.Version, s.Title, s.Definitions = jsonschema.Version, "stickylab scenario", defs.defs
	s.Description = "A sticky-session cluster, its clients, what is done to it, and what is expected."
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return append(out, '\n'), nil
}

// schemas are the definitions of a schema: each form is written once.
type schemas struct{ defs jsonschema.Definitions }

// define returns a reference to a definition, which is made when it is new.
func (s *schemas) define(name string, make func() *jsonschema.Schema) *jsonschema.Schema {
	if s.defs[name] == nil {
		s.defs[name] = &jsonschema.Schema{} // until it is made, for one that holds itself
		s.defs[name] = make()
	}
	return &jsonschema.Schema{Ref: "#/$defs/" + name}
}

// object describes a mapping.
func (s *schemas) object(m mapping) *jsonschema.Schema {
	out := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	defaults := m.usual()
	for i, f := range m.fields {
		usual := ""
		if defaults != nil {
			usual = defaults[i].value.write()
		}
		out.Properties.Set(f.key, s.property(f, usual))
		if f.required {
			out.Required = append(out.Required, f.key)
		}
	}
	for _, key := range m.exactlyOne {
		out.OneOf = append(out.OneOf, &jsonschema.Schema{Title: key, Required: []string{key}})
	}
	return out
}

// property describes the value of a key. Usual is its default, "" for none.
func (s *schemas) property(f field, usual string) *jsonschema.Schema {
	p := *f.value.schema(s)
	p.Description = f.doc
	if usual == "" || usual[0] == '{' || usual[0] == '[' {
		return &p
	}
	if text, err := strconv.Unquote(usual); err == nil {
		p.Default = text
	} else if p.Type == "integer" || p.Type == "number" || p.Type == "boolean" || f.value.form == "4, 3" {
		p.Default = json.RawMessage(usual)
	} else {
		p.Default = usual
	}
	return &p
}

// stepSchema has a form for each verb: it, `at`, and its arguments.
func stepSchema(s *schemas) *jsonschema.Schema {
	return s.define("step", func() *jsonschema.Schema {
		(&Group{}).mapping().value().schema(s)
		out := &jsonschema.Schema{}
		for _, v := range verbs {
			step := &Step{Verb: v.verb}
			m := mapping{fields: step.fields()}
			m.fields[1].doc = v.doc
			form := s.object(m)
			form.Title = string(v.verb)
			form.Properties.Set("at", s.define("at", func() *jsonschema.Schema { return s.property(m.fields[0], "") }))
			for i, f := range m.fields {
				switch {
				case step.Group != nil && i > 1:
					form.Properties.Set(f.key, &jsonschema.Schema{Ref: "#/$defs/group/properties/" + f.key})
				case f.key == "upstream":
					form.Properties.Set(f.key, s.define("upstream", func() *jsonschema.Schema { return s.property(f, "") }))
				}
			}
			out.AnyOf = append(out.AnyOf, form)
			if v.alias != "" {
				out.AnyOf = append(out.AnyOf, aliasForm(v, form))
			}
		}
		return out
	})
}

// aliasForm is the form of a step with the other name of its verb.
func aliasForm(v verbSpec, form *jsonschema.Schema) *jsonschema.Schema {
	out := *form
	out.Title, out.Required, out.Properties = v.alias, []string{"at", v.alias}, jsonschema.NewProperties()
	for p := form.Properties.Oldest(); p != nil; p = p.Next() {
		if p.Key == string(v.verb) {
			out.Properties.Set(v.alias, &jsonschema.Schema{Ref: p.Value.Ref, Description: "Another name of " + p.Key + "."})
			continue
		}
		out.Properties.Set(p.Key, p.Value)
	}
	return &out
}

// variantSchema describes a variant of a file: it checks its own steps and
// expectations, and of the other keys, which may be given in part, only the names.
func variantSchema(s *schemas, file mapping) *jsonschema.Schema {
	one := &jsonschema.Schema{
		Type: "object", Properties: jsonschema.NewProperties(), Required: []string{"expect"}, AdditionalProperties: jsonschema.FalseSchema,
	}
	for _, f := range file.fields {
		switch f.key {
		case "variants", "lesson":
		case "expect", "steps", "title", "summary":
			one.Properties.Set(f.key, &jsonschema.Schema{Ref: "#/properties/" + f.key})
		default:
			one.Properties.Set(f.key, jsonschema.TrueSchema)
		}
	}
	return &jsonschema.Schema{Type: "object", MinProperties: number(1), PropertyNames: groupNames(s), AdditionalProperties: one}
}

// number is a bound of the schema, nil for none.
func number(n int) *uint64 {
	if n <= 0 {
		return nil
	}
	v := uint64(n)
	return &v
}

func jsonNumber(n int) json.Number { return json.Number(strconv.Itoa(n)) }
