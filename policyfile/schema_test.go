package policyfile_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac/internal/headers"
	"github.com/corsac-cors/corsac/policyfile"
)

func TestSchemaIsUpToDate(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile("../docs/corsac.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), string(policyfile.Schema())); diff != "" {
		t.Errorf("go generate ./policyfile writes it anew (-written +made):\n%s", diff)
	}
}

// Every key has a description, and no mapping takes other keys: that is what
// editors live by.
func TestSchemaDescribes(t *testing.T) {
	t.Parallel()
	var s schema
	if err := json.Unmarshal(policyfile.Schema(), &s); err != nil {
		t.Fatal(err)
	}
	s.Defs["the file"] = s
	for name, def := range s.Defs {
		if def.AdditionalProperties == nil || *def.AdditionalProperties {
			t.Errorf("%s takes any key", name)
		}
		for key, p := range def.Properties {
			if p.Description == "" {
				t.Errorf("%s of %s has no description", key, name)
			}
			if key != strings.ToLower(key) || strings.Contains(key, "_") {
				t.Errorf("%s of %s is not in kebab case", key, name)
			}
		}
	}
	for _, group := range headers.GroupNames() {
		if d := s.Defs["Rule"].Properties["headers"].Description; !strings.Contains(d, group) {
			t.Errorf("the description of headers does not name %s: %s", group, d)
		}
	}
	if want := []string{"rules"}; !reflect.DeepEqual(s.Required, want) {
		t.Errorf("required: %q", s.Required)
	}
}

type schema struct {
	Description          string
	Required             []string
	AdditionalProperties *bool
	Properties           map[string]schema
	Defs                 map[string]schema `json:"$defs"`
}
