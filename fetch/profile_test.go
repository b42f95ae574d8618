package fetch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"testing"
)

// What sets a profile apart from the standard is in the list of deviations, and
// the list says nothing else.
func TestEveryDeviationIsListed(t *testing.T) {
	t.Parallel()
	listed := make(map[string][]string) // profiles by field
	ids := make(map[string]bool)
	for _, d := range Deviations {
		if ids[d.ID] {
			t.Errorf("two deviations are %s", d.ID)
		}
		ids[d.ID] = true
		if d.ID == "" || d.Says == "" || d.Source == "" || len(d.Fields) == 0 {
			t.Errorf("%+v says too little", d)
		}
		for _, field := range d.Fields {
			listed[field] = append(listed[field], d.Profiles...)
		}
	}
	standard := reflect.ValueOf(Standard)
	for _, p := range Profiles() {
		for i, field := range reflect.VisibleFields(reflect.TypeOf(p)) {
			departs := !reflect.ValueOf(p).Field(i).Equal(standard.Field(i))
			switch {
			case field.Name == "Name", field.Name == "Version":
			case departs && !slices.Contains(listed[field.Name], p.Name):
				t.Errorf("%s departs in %s, which no deviation says", p.Name, field.Name)
			}
		}
	}
	for _, d := range Deviations {
		for _, name := range d.Profiles {
			p, ok := ProfileNamed(name)
			departs := slices.ContainsFunc(d.Fields, func(field string) bool {
				value := reflect.ValueOf(p).FieldByName(field)
				return value.IsValid() && !value.IsZero()
			})
			if !ok || !departs {
				t.Errorf("%s: %q does not depart", d.ID, name)
			}
		}
	}
}

func TestProfileNamed(t *testing.T) {
	t.Parallel()
	if p, ok := ProfileNamed("firefox"); !ok || p != Firefox {
		t.Error("firefox is a profile")
	}
	if _, ok := ProfileNamed("netscape"); ok {
		t.Error("netscape is none")
	}
}

func TestEveryKindHasAFamily(t *testing.T) {
	t.Parallel()
	total := 0
	for _, family := range []Family{Misuse, Blocked, CORS, Redirect, Network} {
		for _, kind := range family.Kinds() {
			total++
			if kind.Family() != family {
				t.Errorf("%s is of %s and %s", kind, family, kind.Family())
			}
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "kind.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "Kind" {
				declared += len(spec.Names)
			}
		}
		return true
	})
	if total != declared {
		t.Errorf("%d kinds are declared, %d have a family", declared, total)
	}
	if total != len(families) || Kind("").Family() != "" {
		t.Errorf("%d kinds in %d families", total, len(families))
	}
}
