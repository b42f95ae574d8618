package explain

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestSchemaIsDocumented: every field of the JSON stands in docs/explain.md, and
// so does every code.
func TestSchemaIsDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/explain.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[reflect.Type]bool)
	var walk func(reflect.Type)
	walk = func(v reflect.Type) {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Slice {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct || seen[v] {
			return
		}
		seen[v] = true
		for f := range v.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" || !strings.Contains(string(page), "`"+name+"`") {
				t.Errorf("%s.%s: %q is not documented", v.Name(), f.Name, name)
			}
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[Document]())
	for _, c := range Codes {
		if !strings.Contains(string(page), "("+"explain/"+c.Code+".md) "+c.Title+"\n") {
			t.Errorf("%s is not listed", c.Code)
		}
	}
}
