package scenario

import (
	"stickylab/cluster/nginx"

	"github.com/invopop/jsonschema"
)

// Values whose form a struct can not say.
type (
	schemaDuration     string
	schemaInstant      string
	schemaSpan         string
	schemaEvery        string
	schemaBytes        string
	schemaVersion      string
	schemaOnOff        string
	schemaNodes        struct{}
	schemaHosts        struct{}
	schemaClients      struct{}
	schemaFronts       struct{}
	schemaIP           struct{}
	schemaHeaders      struct{}
	schemaProtocol     struct{}
	schemaReconnection struct{}
	schemaStep         struct{}
	schemaScale        struct{}
	schemaPair         struct{}
	schemaLatency      struct{}
	schemaVariants     struct{}
)

const (
	durationForm = `([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+`
	orZero       = `(0|` + durationForm + `)`
)

func text(pattern string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: "^" + pattern + "$"}
}

func either(forms ...*jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: forms}
}

func listOf(item *jsonschema.Schema) *jsonschema.Schema {
	least := uint64(1)
	return &jsonschema.Schema{Type: "array", Items: item, MinItems: &least}
}

func (schemaDuration) JSONSchema() *jsonschema.Schema {
	return either(text(orZero), &jsonschema.Schema{Const: 0})
}

func (schemaInstant) JSONSchema() *jsonschema.Schema {
	return text(`(end|` + durationForm + `)`)
}

func (schemaSpan) JSONSchema() *jsonschema.Schema {
	return either(text(orZero+`( *\.\. *`+orZero+`)?`), &jsonschema.Schema{Const: 0})
}

func (schemaEvery) JSONSchema() *jsonschema.Schema { return text(`every +` + durationForm) }

func (schemaBytes) JSONSchema() *jsonschema.Schema {
	return either(text(`[0-9]+(\.[0-9]+)?(B|kB|MB)?`), &jsonschema.Schema{Type: "integer", Minimum: "1"})
}

// A version may be read as a number, which loses the zero at its end.
func (schemaVersion) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Enum: []any{"1.30", "1.22", 1.3, 1.22}, Default: nginx.DefaultVersion}
}

// On and off may be read as booleans.
func (schemaOnOff) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Enum: []any{"redis", "none", "on", "off", true, false}}
}

func (schemaNodes) JSONSchema() *jsonschema.Schema {
	number := &jsonschema.Schema{Type: "integer", Minimum: "1", Maximum: "200"}
	return either(number, listOf(inline(&schemaNode{})))
}

func (schemaHosts) JSONSchema() *jsonschema.Schema {
	address := &jsonschema.Schema{Type: "string"}
	return &jsonschema.Schema{Type: "object", AdditionalProperties: either(address, listOf(address))}
}

func (schemaClients) JSONSchema() *jsonschema.Schema {
	least := uint64(1)
	return &jsonschema.Schema{
		Type:                 "object",
		MinProperties:        &least,
		PropertyNames:        text("[A-Za-z][A-Za-z0-9_-]*"),
		AdditionalProperties: inline(&schemaGroup{}),
	}
}

func (schemaFronts) JSONSchema() *jsonschema.Schema {
	several := listOf(inline(&schemaFront{}))
	most := uint64(MaxFronts)
	several.MaxItems = &most
	return either(inline(&schemaFront{}), several)
}

func (schemaIP) JSONSchema() *jsonschema.Schema {
	entry := text(`[0-9A-Fa-f.:]+(/[0-9]+)?`)
	return either(entry, listOf(entry))
}

func (schemaHeaders) JSONSchema() *jsonschema.Schema {
	least := uint64(1)
	value := either(&jsonschema.Schema{Type: "string"}, &jsonschema.Schema{Type: "number"}, &jsonschema.Schema{Type: "boolean"})
	return &jsonschema.Schema{Type: "object", MinProperties: &least, AdditionalProperties: value}
}

func (schemaProtocol) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Enum: []any{Protocol4, Protocol3}, Default: Protocol4}
}

func (schemaReconnection) JSONSchema() *jsonschema.Schema {
	return either(&jsonschema.Schema{Type: "boolean"}, inline(&schemaReconnect{}))
}

func (schemaScale) JSONSchema() *jsonschema.Schema {
	return either(&jsonschema.Schema{Type: "integer", Minimum: "1", Maximum: "200"}, inline(&schemaScaleTo{}))
}

func (schemaPair) JSONSchema() *jsonschema.Schema {
	two := uint64(2)
	return &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}, MinItems: &two, MaxItems: &two}
}

func (schemaLatency) JSONSchema() *jsonschema.Schema {
	one := uint64(1)
	s := inline(&schemaLatencies{})
	s.MinProperties = &one
	return s
}

// JSONSchema has a form for each verb: it, `at`, and its arguments.
func (schemaStep) JSONSchema() *jsonschema.Schema {
	all, group := inline(&schemaAnyStep{}), inline(&schemaGroup{})
	step := &jsonschema.Schema{}
	for _, v := range Verbs {
		form := &jsonschema.Schema{
			Type:                 "object",
			Title:                string(v),
			Properties:           jsonschema.NewProperties(),
			Required:             []string{"at", string(v)},
			AdditionalProperties: jsonschema.FalseSchema,
		}
		for _, key := range append([]string{"at", string(v)}, arguments[v]...) {
			p, _ := all.Properties.Get(key)
			if v == Add && key != "at" && key != "add" {
				p, _ = group.Properties.Get(key)
			}
			form.Properties.Set(key, p)
		}
		switch v {
		case Move, Add:
			form.Required = append(form.Required, "ip")
		case Slow:
			form.Required = append(form.Required, "by")
		case Block:
			form.Required = append(form.Required, "for")
		case Count:
			form.Required = append(form.Required, "node")
		}
		step.AnyOf = append(step.AnyOf, form)
	}
	return step
}

// JSONSchema is filled in by variantsOf, since it speaks of the whole file.
func (schemaVariants) JSONSchema() *jsonschema.Schema { return &jsonschema.Schema{Type: "object"} }

// variantsOf fills in the schema of the variants of a file: it checks their own
// steps and expectations, and of the other keys, which may be given in part,
// only the names.
func variantsOf(file *jsonschema.Schema) {
	least := uint64(1)
	one := &jsonschema.Schema{
		Type:                 "object",
		Properties:           jsonschema.NewProperties(),
		Required:             []string{"expect"},
		AdditionalProperties: jsonschema.FalseSchema,
	}
	for p := file.Properties.Oldest(); p != nil; p = p.Next() {
		switch p.Key {
		case "variants", "lesson":
		case "expect", "steps", "title", "summary":
			one.Properties.Set(p.Key, p.Value)
		default:
			one.Properties.Set(p.Key, &jsonschema.Schema{Description: p.Value.Description})
		}
	}
	s, _ := file.Properties.Get("variants")
	s.MinProperties, s.PropertyNames, s.AdditionalProperties = &least, text("[A-Za-z][A-Za-z0-9_-]*"), one
}
