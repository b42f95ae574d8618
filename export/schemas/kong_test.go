package schemas

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/corsac-cors/corsac/export"
	"github.com/corsac-cors/corsac/internal/cases"
)

// TestKong holds what is written against the schema of Kong's own tool for such
// files. It knows services, routes and plugins, but no plugin's configuration.
func TestKong(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(module(t, "github.com/kong/go-database-reconciler"), "pkg", "file", "kong_json_schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("kong.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("kong.json")
	if err != nil {
		t.Fatal(err)
	}
	each(t, "kong", func(t *testing.T, _ cases.Policy, e export.Export) {
		text, err := yaml.YAMLToJSON([]byte(e.Text()))
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, schema, string(text)); err != nil {
			t.Errorf("%v\n%s", err, e.Text())
		}
	})
}

// module is where a module's files are, which need not be imported.
func module(t *testing.T, path string) (dir string) {
	t.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", path).Output()
	if err != nil {
		t.Fatalf("%s is not to be had: %v", path, err)
	}
	var found struct{ Dir string }
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	return found.Dir
}
