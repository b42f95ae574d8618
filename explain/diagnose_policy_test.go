package explain

import (
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/fetch"
)

// TestPathsOfPolicies: rules write paths decoded, and requests do not.
func TestPathsOfPolicies(t *testing.T) {
	t.Parallel()
	const other = "https://other.example.com"
	policy, err := corsac.New(
		corsac.Rule{Path: "/café/", Origins: []string{app}},
		corsac.Rule{Path: "/open/", Origins: []string{other}},
		corsac.Rule{Path: "/closed/", Origins: []string{app}},
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path, origin string
		fault
	}{
		{"/caf%C3%A9/x", other, fault{code: "CX-O02", tells: []string{"does not list the origin " + other}}},
		{"/closed/..%2fopen/x", other, fault{code: "CX-O01", tells: []string{"%2f"}}},
		{"/none", app, fault{code: "CX-O01", tells: []string{"no rule of the policy speaks for /none"}}},
	} {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			tt.judge(t, Explain(t.Context(), Question{Request: fetch.Request{Origin: tt.origin, URL: "https://api.example.com" + tt.path}, Policy: policy}))
		})
	}
	if r := Explain(t.Context(), Question{Request: fetch.Request{Origin: app, URL: "https://api.example.com/caf%C3%A9/x"}, Policy: policy}); r.Answer != Readable {
		t.Errorf("the answer is %s", r.Answer)
	}
}
