package export

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

// TestJSON reads back what is written, and has the same policy.
func TestJSON(t *testing.T) {
	t.Parallel()
	for _, p := range corpus(t) {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			e := jsonTarget.Export(p.File.Policy, p.Name+".yaml")
			if len(e.Losses) > 0 {
				t.Errorf("losses: %v", e.Losses)
			}
			mustReadBack(t, e, p.File.Policy, p.Name+".yaml")
		})
	}
}

func mustReadBack(t *testing.T, e Export, p *corsac.Policy, source string) {
	t.Helper()
	form, read := readJSON(t, e.Text())
	if form.Version != NormalFormVersion || form.Schema != NormalFormSchemaURL || form.Source != source {
		t.Errorf("it begins with %d, %q and %q", form.Version, form.Schema, form.Source)
	}
	if diff := cmp.Diff(p.Rules(), read.Rules()); diff != "" {
		t.Errorf("the policy that is read back (-policy +read):\n%s", diff)
	}
}

// readJSON is the decoder: the policy in the order in which it was given.
func readJSON(t *testing.T, text string) (normalForm, *corsac.Policy) {
	t.Helper()
	var form normalForm
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&form); err != nil {
		t.Fatal(err)
	}
	rules := make([]corsac.Rule, len(form.Rules))
	for _, r := range form.Rules {
		rules[r.Index] = r.rule()
	}
	p, err := corsac.New(rules...)
	if err != nil {
		t.Fatal(err)
	}
	return form, p
}

func (n normalRule) rule() corsac.Rule {
	r := corsac.Rule{
		Path: n.Path, Host: n.Host, Origins: n.Origins, Methods: n.Methods, Headers: n.Headers, Expose: n.Expose,
		Credentials: n.Credentials, RefuseOthers: n.RefuseOthers, Timing: n.Timing,
	}
	switch {
	case n.MaxAge == nil:
	case *n.MaxAge == 0:
		r.MaxAge = corsac.NoCache
	default:
		r.MaxAge = time.Duration(*n.MaxAge) * time.Second
	}
	return r
}

// TestJSONIsStable holds the form against what version 1 promises, byte for
// byte.
func TestJSONIsStable(t *testing.T) {
	t.Parallel()
	file, err := policyfile.Parse("corsac.yaml", []byte(`
rules:
  - origins: "*"
    headers: ["*", Authorization]
    max-age: 0s
  - path: /users/
    host: api.example.com
    origins: [https://b.example.com, https://a.example.com]
    methods: [PUT, GET]
    headers: x-one
    expose: ["@connect", ETag]
    credentials: true
    max-age: 90s
    refuse-others: true
    timing: true
  - path: /health
    origins: "null"
`))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "$schema": "https://raw.githubusercontent.com/corsac-cors/corsac/main/docs/normal-form.schema.json",
  "version": 1,
  "source": "<corsac>.yaml",
  "rules": [
    {
      "index": 1,
      "host": "api.example.com",
      "path": "/users/",
      "origins": [
        "https://a.example.com",
        "https://b.example.com"
      ],
      "methods": [
        "PUT"
      ],
      "headers": [
        "x-one"
      ],
      "expose": [
        "Connect-Content-Encoding",
        "ETag"
      ],
      "credentials": true,
      "max-age": 90,
      "refuse-others": true,
      "timing": true
    },
    {
      "index": 2,
      "host": "",
      "path": "/health",
      "origins": [
        "null"
      ],
      "methods": [],
      "headers": [],
      "expose": [],
      "credentials": false,
      "max-age": null,
      "refuse-others": false,
      "timing": false
    },
    {
      "index": 0,
      "host": "",
      "path": "/",
      "origins": [
        "*"
      ],
      "methods": [],
      "headers": [
        "*",
        "Authorization"
      ],
      "expose": [],
      "credentials": false,
      "max-age": 0,
      "refuse-others": false,
      "timing": false
    }
  ]
}
`
	if diff := cmp.Diff(want, jsonTarget.Export(file.Policy, "<corsac>.yaml").Text()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNormalFormSchemaIsUpToDate(t *testing.T) {
	t.Parallel()
	const name = "../docs/normal-form.schema.json"
	if os.Getenv("CORSAC_UPDATE") == "1" {
		if err := os.WriteFile(name, NormalFormSchema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), string(NormalFormSchema())); diff != "" {
		t.Errorf("run the test with CORSAC_UPDATE=1 (-written +made):\n%s", diff)
	}
}

// TestNormalFormIsDocumented: every field has a line of its own.
func TestNormalFormIsDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/normal-form.md")
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Properties map[string]struct {
			Items struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(NormalFormSchema(), &s); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name, property := range s.Properties {
		names = append(names, name)
		for inner := range property.Items.Properties {
			names = append(names, inner)
		}
	}
	slices.Sort(names)
	if len(names) != 15 {
		t.Errorf("the schema has %d fields: %q", len(names), names)
	}
	for _, name := range names {
		if !strings.Contains(string(page), "\n| `"+name+"` |") {
			t.Errorf("docs/normal-form.md has no line for %s", name)
		}
	}
}

func FuzzJSON(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, _ := hostilePolicies(t, path, method, name)
		e := jsonTarget.Export(p, source)
		if !utf8.ValidString(path) {
			if len(e.Losses) != 1 {
				t.Errorf("the path is not UTF-8: %v", e.Losses)
			}
			return
		}
		mustReadBack(t, e, p, string([]rune(source)))
	})
}
