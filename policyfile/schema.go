package policyfile

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"
)

//go:generate go run github.com/corsac-cors/corsac/cmd/corsac schema --output ../docs/corsac.schema.json

// SchemaURL is where editors find the schema.
const SchemaURL = "https://raw.githubusercontent.com/corsac-cors/corsac/main/docs/corsac.schema.json"

// Schema is a JSON Schema of policy files, made of the types that files are
// read into. Editors complete and explain keys with it; what only reading a
// file can find, such as two rules for one path, it does not know.
func Schema() []byte {
	r := &jsonschema.Reflector{
		FieldNameTag:               "yaml",
		RequiredFromJSONSchemaTags: true,
		ExpandedStruct:             true,
		Anonymous:                  true,
		Mapper:                     schemaOf,
		Namer:                      definitionName,
	}
	t := reflect.TypeFor[document]()
	s := r.ReflectFromType(t)
	addExamples(s, t, s.Definitions)
	s.ID = SchemaURL
	s.Title = "corsac.yaml"
	s.Description = "Which web pages may read which part of an API, and the gateway that puts it into force."
	return marshal(s)
}

// marshal leaves <, > and & as they are, which descriptions have.
func marshal(s *jsonschema.Schema) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		panic(err) // the schema is a value of our own making
	}
	return []byte(b.String())
}

// definitionName is "Rule" for ruleEntry.
func definitionName(t reflect.Type) string {
	name := strings.TrimSuffix(t.Name(), "Entry")
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// schemaOf says how the types are written that are not what Go makes of them.
func schemaOf(t reflect.Type) *jsonschema.Schema {
	switch t {
	case durationType, maxAgeType:
		return &jsonschema.Schema{Type: "string", Pattern: durationPattern}
	case sizeType:
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "string", Pattern: `^[0-9]+ *([KMG]iB|[kKMG]?B)?$`},
			{Type: "integer", Minimum: "0"},
		}}
	case listType:
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "string"},
			{Type: "array", Items: &jsonschema.Schema{Type: "string"}},
		}}
	}
	return nil
}

// addExamples adds those of lists and sizes, which the reflector leaves out.
func addExamples(s *jsonschema.Schema, t reflect.Type, definitions jsonschema.Definitions) {
	for i := range t.NumField() {
		f := t.Field(i)
		property, _ := s.Properties.Get(keyOf(f))
		if inner := structIn(f.Type); inner != nil {
			addExamples(definitions[definitionName(inner)], inner, definitions)
		} else if len(property.OneOf) > 0 {
			property.OneOf[0].Examples = examplesIn(f.Tag)
			if items := property.OneOf[1].Items; items != nil {
				items.Examples = examplesIn(f.Tag)
			}
		}
	}
}

// structIn is the struct that a field holds one or several of, or nil.
func structIn(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct {
		return t
	}
	return nil
}

func examplesIn(tag reflect.StructTag) []any {
	var examples []any
	for keyword := range strings.SplitSeq(tag.Get("jsonschema"), ",") {
		if example, ok := strings.CutPrefix(keyword, "example="); ok {
			examples = append(examples, example)
		}
	}
	return examples
}
