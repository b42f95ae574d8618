package policyfile_test

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/internal/headers"
	"github.com/corsac-cors/corsac/policyfile"
)

var (
	fenced = regexp.MustCompile("(?ms)^( *)```yaml\n(.*?)^ *```$")
	inCode = regexp.MustCompile("`([^`]*)`")
)

// What the pages show is read, as it stands there.
func TestDocsExamples(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../docs/policy.md", "../docs/gateway.md", "../README.md"} {
		page, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		examples := fenced.FindAllStringSubmatch(string(page), -1)
		if len(examples) == 0 && name != "../README.md" {
			t.Errorf("%s has no examples", name)
		}
		for _, e := range examples {
			text := strings.ReplaceAll("\n"+e[2], "\n"+e[1], "\n")
			// Some show a section alone, or a part of the gateway's.
			if strings.HasPrefix(text, "\n ") {
				text = "gateway:" + text
			}
			if !strings.Contains(text, "\nrules:") {
				text = "rules: []\n" + text
			}
			if _, err := policyfile.Parse(name, []byte(text)); err != nil {
				t.Errorf("%v in:\n%s", err, text)
			}
		}
	}
}

// The table of header groups holds what the groups hold.
func TestDocsGroups(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range headers.GroupNames() {
		g, _ := headers.LookupGroup(name)
		row := regexp.MustCompile("(?m)^\\| `" + name + "` \\|(.*)\\|([^|]*)\\|([^|]*)\\|$").FindStringSubmatch(string(page))
		if row == nil {
			t.Errorf("docs/policy.md has no row for %s", name)
			continue
		}
		if got := codeIn(row[2]); !slices.Equal(got, g.Request) {
			t.Errorf("request headers of %s: %q, want %q", name, got, g.Request)
		}
		if got := codeIn(row[3]); !slices.Equal(got, g.Response) {
			t.Errorf("response headers of %s: %q, want %q", name, got, g.Response)
		}
	}
}

func codeIn(cell string) []string {
	var names []string
	for _, m := range inCode.FindAllStringSubmatch(cell, -1) {
		names = append(names, m[1])
	}
	return names
}

// The section that docs/gateway.md shows with the defaults has them, and so have its tables and the schema.
func TestDocsDefaults(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/gateway.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(page), "Everything in it, with the defaults:")
	section := fenced.FindStringSubmatch(after)
	if section == nil {
		t.Fatal("docs/gateway.md shows no defaults")
	}
	f, err := policyfile.Parse("gateway.md", []byte("rules: []\n"+section[2]))
	if err != nil {
		t.Fatal(err)
	}
	want := policyfile.DefaultGateway()
	got := f.Gateway
	if got.Upstream == "" || len(got.Routes)+len(got.Hosts)+len(got.TrustForwarded) > 0 {
		t.Errorf("the upstream is %q, and lists are not empty: %+v", got.Upstream, got)
	}
	got.Upstream, got.Routes, got.Hosts, got.TrustForwarded = "", nil, nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("docs/gateway.md has %+v, the defaults are %+v", got, want)
	}
	for _, part := range []any{want.Timeouts, want.Limits} {
		for i, field := range reflect.VisibleFields(reflect.TypeOf(part)) {
			value := reflect.ValueOf(part).Field(i).Interface()
			said := regexp.MustCompile("(?m)^\\| `"+field.Tag.Get("yaml")+"` \\| .* \\| ([0-9a-zA-Z]+)(?:: none)? \\|$").FindAllStringSubmatch(after, -1)
			if !slices.ContainsFunc(said, func(m []string) bool { return isWrittenAs(m[1], value) }) {
				t.Errorf("the tables say of %s %q, and not %v", field.Name, said, value)
			}
			if schema := field.Tag.Get("jsonschema_description"); strings.Contains(schema, "default is") {
				m := regexp.MustCompile(`default is ([0-9a-zA-Z]+)`).FindStringSubmatch(schema)
				if m == nil || !isWrittenAs(m[1], value) {
					t.Errorf("the schema says of %s %q, and not %v", field.Name, schema, value)
				}
			}
		}
	}
}

// isWrittenAs reports whether a value can be written so.
func isWrittenAs(text string, value any) bool {
	switch v := value.(type) {
	case time.Duration:
		d, err := time.ParseDuration(text)
		return err == nil && d == v
	case policyfile.Size:
		var s policyfile.Size
		return s.UnmarshalText([]byte(text)) == nil && s == v
	}
	return fmt.Sprint(value) == text
}
