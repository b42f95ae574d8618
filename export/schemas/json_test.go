package schemas

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/corsac-cors/corsac/export"
	"github.com/corsac-cors/corsac/internal/cases"
)

func normalForm(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(export.NormalFormSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(export.NormalFormSchemaURL, schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(export.NormalFormSchemaURL)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func TestJSON(t *testing.T) {
	t.Parallel()
	schema := normalForm(t)
	each(t, "json", func(t *testing.T, _ cases.Policy, e export.Export) {
		if err := validate(t, schema, e.Text()); err != nil {
			t.Error(err)
		}
	})
}

func validate(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(document)
}

// TestSchemaRefuses: a schema that takes everything would say nothing.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	schema := normalForm(t)
	const good = `{"$schema": "s", "version": 1, "source": "", "rules": [{"index": 0, "host": "", "path": "/", "origins": ["*"], "methods": [],
		"headers": [], "expose": [], "credentials": false, "max-age": null, "refuse-others": false, "timing": false, "a field of tomorrow": 1}]}`
	if err := validate(t, schema, good); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, from, to string }{
		{"another version", `"version": 1`, `"version": 2`},
		{"no origin", `["*"]`, `[]`},
		{"a list that is null", `"methods": []`, `"methods": null`},
		{"a path that is none", `"path": "/"`, `"path": "users"`},
		{"a duration", `"max-age": null`, `"max-age": "2h"`},
		{"more than a day", `"max-age": null`, `"max-age": 86401`},
		{"a field less", `"timing": false, `, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bad := strings.Replace(good, tt.from, tt.to, 1)
			if bad == good || validate(t, schema, bad) == nil {
				t.Errorf("the schema takes %s", bad)
			}
		})
	}
}
