package schemas

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/corsac-cors/corsac/export"
	"github.com/corsac-cors/corsac/internal/cases"
)

// TestGatewayAPI holds every route against the schema that clusters install, and
// against the types: what these read, strictly, says the same when it is
// written again.
func TestGatewayAPI(t *testing.T) {
	t.Parallel()
	schema := httpRoute(t)
	each(t, "gateway-api", func(t *testing.T, _ cases.Policy, e export.Export) {
		for doc := range strings.SplitSeq(e.Text(), "\n---\n") {
			text, err := yaml.YAMLToJSON([]byte(doc))
			if err != nil {
				t.Fatal(err)
			}
			if err := validate(t, schema, string(text)); err != nil {
				t.Errorf("%v\n%s", err, doc)
			}
			var route gateway.HTTPRoute
			strictly(t, string(text), &route)
			again, err := json.Marshal(&route.Spec)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(member(t, text, "spec"), asAny(t, again)); diff != "" {
				t.Error(diff)
			}
		}
	})
}

// httpRoute is the schema in the custom resource definition of the module.
func httpRoute(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(module(t, "sigs.k8s.io/gateway-api"), "config", "crd", "standard", "gateway.networking.k8s.io_httproutes.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var definition struct {
		Spec struct {
			Versions []struct {
				Name   string
				Schema struct {
					OpenAPIV3Schema any `yaml:"openAPIV3Schema"`
				}
			}
		}
	}
	if err := yaml.Unmarshal(text, &definition); err != nil {
		t.Fatal(err)
	}
	for _, version := range definition.Spec.Versions {
		if version.Name != "v1" {
			continue
		}
		c := jsonschema.NewCompiler()
		c.DefaultDraft(jsonschema.Draft4)
		if err := c.AddResource("httproute.json", version.Schema.OpenAPIV3Schema); err != nil {
			t.Fatal(err)
		}
		schema, err := c.Compile("httproute.json")
		if err != nil {
			t.Fatal(err)
		}
		return schema
	}
	t.Fatal("the definition has no version v1")
	return nil
}

func member(t *testing.T, text []byte, name string) any {
	t.Helper()
	return asAny(t, text).(map[string]any)[name]
}

func asAny(t *testing.T, text []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
