package export

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac"
)

// S3 cannot be run here. These are what is written and what is lost for one
// rule that says one thing; export/schemas holds the corpus against AWS's types.
func TestS3(t *testing.T) {
	t.Parallel()
	const rest = " different/preflights different/options narrower/vary"
	for _, tt := range []struct {
		name   string
		rule   corsac.Rule
		want   s3Rule
		losses string // but for the rest
	}{
		{"an origin, with credentials", corsac.Rule{Origins: []string{app}, Credentials: true}, s3Rule{AllowedOrigins: []string{app}}, ""},
		{"an origin", corsac.Rule{Origins: []string{app}}, s3Rule{AllowedOrigins: []string{app}}, "wider/credentials"},
		{"every origin", corsac.Rule{Origins: []string{"*", app}}, s3Rule{AllowedOrigins: []string{"*"}}, ""},
		{"subdomains", corsac.Rule{Origins: []string{"https://*.example.org"}, Credentials: true},
			s3Rule{AllowedOrigins: []string{"https://*.example.org"}}, "different/patterns"},
		{"ports", corsac.Rule{Origins: []string{"http://localhost:*"}, Credentials: true},
			s3Rule{AllowedOrigins: []string{"http://localhost", "http://localhost:*"}}, "different/patterns"},
		{"subdomains and ports", corsac.Rule{Origins: []string{"https://*.example.org:*"}, Credentials: true},
			s3Rule{AllowedOrigins: []string{"https://*.example.org"}}, "different/patterns narrower/ports"},
		{"methods", corsac.Rule{Origins: []string{"*"}, Methods: []string{"PUT", "PATCH"}},
			s3Rule{AllowedOrigins: []string{"*"}, AllowedMethods: []string{"PUT"}}, "narrower/methods"},
		{"every method", corsac.Rule{Origins: []string{"*"}, Methods: []string{"*"}},
			s3Rule{AllowedOrigins: []string{"*"}, AllowedMethods: []string{"PUT", "DELETE"}}, "narrower/every-method"},
		{"headers", corsac.Rule{Origins: []string{"*"}, Headers: []string{"X-One", "X-*"}},
			s3Rule{AllowedOrigins: []string{"*"}, AllowedHeaders: []string{"X-One"}}, "narrower/stars"},
		{"every header", corsac.Rule{Origins: []string{"*"}, Headers: []string{"*"}},
			s3Rule{AllowedOrigins: []string{"*"}, AllowedHeaders: []string{"*"}}, "wider/every-header"},
		{"every header and Authorization", corsac.Rule{Origins: []string{"*"}, Headers: []string{"*", "Authorization"}},
			s3Rule{AllowedOrigins: []string{"*"}, AllowedHeaders: []string{"*"}}, ""},
		{"expose", corsac.Rule{Origins: []string{"*"}, Expose: []string{"ETag"}},
			s3Rule{AllowedOrigins: []string{"*"}, ExposeHeaders: []string{"ETag"}}, ""},
		{"expose all", corsac.Rule{Origins: []string{"*"}, Expose: []string{"*"}}, s3Rule{AllowedOrigins: []string{"*"}}, "narrower/expose-all"},
		{"a tree", corsac.Rule{Path: "/a/", Origins: []string{"*"}}, s3Rule{AllowedOrigins: []string{"*"}}, "wider/paths"},
		{"a resource", corsac.Rule{Path: "/a", Origins: []string{"*"}}, s3Rule{AllowedOrigins: []string{"*"}}, "wider/resources"},
		{"a host", corsac.Rule{Host: "a.example", Origins: []string{"*"}}, s3Rule{AllowedOrigins: []string{"*"}}, "wider/hosts"},
		{"refuse-others and timing", corsac.Rule{Origins: []string{app}, Credentials: true, RefuseOthers: true, Timing: true},
			s3Rule{AllowedOrigins: []string{app}}, "wider/refuse-others narrower/timing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := s3.Export(mustNew(t, tt.rule), "corsac.yaml")
			tt.want.ID = "rules[0] of corsac.yaml, by corsac export; not run"
			tt.want.AllowedMethods = append([]string{"GET", "HEAD", "POST"}, tt.want.AllowedMethods...)
			if diff := cmp.Diff([]s3Rule{tt.want}, readS3(t, e.Text())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			mustLose(t, e, tt.losses+rest)
		})
	}
}

func TestS3SaysSecondsAndNone(t *testing.T) {
	t.Parallel()
	e := s3.Export(mustNew(t, corsac.Rule{Origins: []string{"*"}, MaxAge: corsac.NoCache}), "corsac.yaml")
	if age := readS3(t, e.Text())[0].MaxAgeSeconds; age == nil || *age != 0 {
		t.Errorf("no cache is %v", age)
	}
	none := s3.Export(mustNew(t), "corsac.yaml")
	if none.Text() != "{\n  \"CORSRules\": []\n}\n" {
		t.Errorf("no rules are %s", none.Text())
	}
	mustLose(t, none, "different/no-rules different/preflights different/options")
}

func readS3(t *testing.T, text string) []s3Rule {
	t.Helper()
	var file struct{ CORSRules []s3Rule }
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		t.Fatal(err)
	}
	return file.CORSRules
}

func mustNew(t testing.TB, rules ...corsac.Rule) *corsac.Policy {
	t.Helper()
	p, err := corsac.New(rules...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// mustLose holds the losses against a list of effect/name.
func mustLose(t *testing.T, e Export, want string) {
	t.Helper()
	var got []string
	for _, l := range e.Losses {
		got = append(got, string(l.Effect)+"/"+l.Name)
	}
	slices.Sort(got)
	wanted := strings.Fields(want)
	slices.Sort(wanted)
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("losses (-want +got):\n%s", diff)
	}
}

func FuzzS3(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, _ := hostilePolicies(t, path, method, name)
		rules := readS3(t, s3.Export(p, source).Text())
		if len(rules) != 1 || len([]rune(rules[0].ID)) > 255 {
			t.Fatalf("%+v", rules)
		}
		want := []string{p.Rules()[0].Headers[0]}
		if strings.Contains(want[0], "*") {
			want = nil
		}
		if !slices.Equal(rules[0].AllowedHeaders, want) || !slices.Equal(rules[0].ExposeHeaders, want) {
			t.Errorf("%+v, want the header %q", rules, want)
		}
	})
}
