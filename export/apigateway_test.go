package export

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac"
)

// A gatewayCors has the names of CloudFormation, which are those of the types in
// AWS's SDK; export/schemas holds the corpus against these.
type gatewayCors struct {
	AllowOrigins     []string `yaml:"AllowOrigins"`
	AllowMethods     []string `yaml:"AllowMethods"`
	AllowHeaders     []string `yaml:"AllowHeaders"`
	ExposeHeaders    []string `yaml:"ExposeHeaders"`
	AllowCredentials bool     `yaml:"AllowCredentials"`
	MaxAge           int      `yaml:"MaxAge"`
}

// API Gateway cannot be run here either.
func TestAPIGateway(t *testing.T) {
	t.Parallel()
	const rest = " different/preflights narrower/errors narrower/vary"
	simple := []string{"GET", "HEAD", "POST"}
	for _, tt := range []struct {
		name   string
		rules  []corsac.Rule
		want   gatewayCors
		losses string // but for the rest
	}{
		{"no rules", nil, gatewayCors{AllowOrigins: []string{nobody}}, ""},
		{"everything that it knows", []corsac.Rule{{
			Origins: []string{app, users}, Methods: []string{"PUT", "PATCH"}, Headers: []string{"Authorization"},
			Expose: []string{"ETag"}, Credentials: true, MaxAge: time.Hour,
		}}, gatewayCors{
			AllowOrigins: []string{app, users}, AllowMethods: append(slices.Clone(simple), "PATCH", "PUT"), AllowHeaders: []string{"Authorization"},
			ExposeHeaders: []string{"ETag"}, AllowCredentials: true, MaxAge: 3600,
		}, ""},
		{"everything for everybody", []corsac.Rule{{Origins: []string{"*"}, Methods: []string{"*"}, Headers: []string{"*"}, Expose: []string{"*"}}},
			gatewayCors{AllowOrigins: []string{"*"}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}, ExposeHeaders: []string{"*"}}, ""},
		{"patterns", []corsac.Rule{{Origins: []string{"https://*.example.org", "http://localhost:*", "moz-extension://*", "null"}}},
			gatewayCors{AllowOrigins: []string{"http://localhost"}, AllowMethods: simple},
			"narrower/subdomains narrower/ports narrower/schemes narrower/null"},
		{"an app", []corsac.Rule{{Origins: []string{"capacitor://localhost"}}},
			gatewayCors{AllowOrigins: []string{nobody}, AllowMethods: simple}, "narrower/schemes"},
		{"the rule for everything", []corsac.Rule{{Path: "/a/", Origins: []string{"*"}}, {Origins: []string{app}}, {Host: "a.example", Origins: []string{users}}},
			gatewayCors{AllowOrigins: []string{app}, AllowMethods: simple}, "wider/one-rule wider/one-rule"},
		{"a tree", []corsac.Rule{{Path: "/a/", Origins: []string{app}}}, gatewayCors{AllowOrigins: []string{app}, AllowMethods: simple}, "wider/paths"},
		{"a resource", []corsac.Rule{{Path: "/a", Origins: []string{app}}}, gatewayCors{AllowOrigins: []string{app}, AllowMethods: simple}, "wider/resources"},
		{"a host", []corsac.Rule{{Host: "a.example", Origins: []string{app}}}, gatewayCors{AllowOrigins: []string{app}, AllowMethods: simple}, "wider/hosts"},
		{"odd names", []corsac.Rule{{Origins: []string{app}, Methods: []string{"PURGE"}, Headers: []string{"X-*"}}},
			gatewayCors{AllowOrigins: []string{app}, AllowMethods: simple}, "narrower/odd-methods narrower/stars"},
		{"refuse-others and timing", []corsac.Rule{{Origins: []string{app}, RefuseOthers: true, Timing: true}},
			gatewayCors{AllowOrigins: []string{app}, AllowMethods: simple}, "wider/refuse-others narrower/timing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := apiGateway.Export(mustNew(t, tt.rules...), "corsac.yaml")
			if diff := cmp.Diff(tt.want, readGateway(t, e.Text())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			mustLose(t, e, tt.losses+rest)
		})
	}
}

func readGateway(t *testing.T, text string) gatewayCors {
	t.Helper()
	var file struct {
		CorsConfiguration gatewayCors `yaml:"CorsConfiguration"`
	}
	if err := yaml.UnmarshalWithOptions([]byte(text), &file, yaml.Strict()); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return file.CorsConfiguration
}

func FuzzAPIGateway(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, _ := hostilePolicies(t, path, method, name)
		e := apiGateway.Export(p, source)
		got := readGateway(t, e.Text())
		want := []string{p.Rules()[0].Headers[0]}
		if strings.Contains(want[0], "*") {
			want = nil
		}
		if !slices.Equal(got.AllowHeaders, want) || !slices.Equal(got.ExposeHeaders, want) {
			t.Errorf("%+v, want the header %q", got, want)
		}
	})
}
