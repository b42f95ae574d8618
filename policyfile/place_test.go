package policyfile_test

import (
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

func TestPlace(t *testing.T) {
	t.Parallel()
	f, err := policyfile.Parse("corsac.yaml", []byte(`# first
rules:
  - origins: [https://a.example, https://b.example]
    methods:
      - PUT
  - path: /users/
    origins: https://a.example
gateway:
  upstream: http://localhost:8081
  tls:
    cert: cert.pem
    key: key.pem
tests:
  - block: GET / from null
`))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]policyfile.Place{
		"rules[0].origins":    {Line: 3, Column: 14},
		"rules[0].origins[1]": {Line: 3, Column: 14},
		"rules[0].methods":    {Line: 5, Column: 7},
		"rules[0].path":       {Line: 3, Column: 5},
		"rules[1].path":       {Line: 6, Column: 11},
		"rules[1].max-age":    {Line: 6, Column: 5},
		"gateway.tls":         {Line: 11, Column: 5},
		"gateway.tls.key":     {Line: 12, Column: 10},
		"gateway.admin":       {Line: 9, Column: 3},
		"tests[0]":            {Line: 1, Column: 1},
		"":                    {Line: 1, Column: 1},
	} {
		if got := f.Place(path); got != want {
			t.Errorf("Place(%q) = %v, want %v", path, got, want)
		}
	}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	listen := policyfile.Override{Path: "gateway.listen", Set: func(g *policyfile.Gateway) { g.Listen = ":8080" }}
	f, err := policyfile.Parse("corsac.yaml", []byte("gateway:\n  listen: :8081\n  upstream: http://localhost:8082\nrules: []\n"), listen)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, path, want string }{
		{"an entry", "gateway.upstream", "corsac.yaml:3:13: gateway.upstream: wrong"},
		{"what the section lacks", "gateway.tls", "corsac.yaml:2:3: gateway.tls: wrong"},
		{"what the file does not speak of", "tests[0]", "corsac.yaml: tests[0]: wrong"},
		{"what is said in its place", "gateway.listen", "corsac.yaml: gateway.listen: wrong"},
	} {
		if got := f.Locate(corsac.Problem{Path: tt.path, Message: "wrong"}).String(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
