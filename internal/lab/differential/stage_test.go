package differential_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/lab/differential"
)

func TestCasesDependOnTheirNumbersOnly(t *testing.T) {
	t.Parallel()
	all := differential.Generate(7, 0, 100)
	if diff := cmp.Diff(all[40:], differential.Generate(7, 40, 60)); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(all, differential.Generate(8, 0, 100)) {
		t.Error("another seed makes the same cases")
	}
}

// TestCasesAreKept makes sure that a case in the corpus is the case that was found.
func TestCasesAreKept(t *testing.T) {
	t.Parallel()
	for i, c := range differential.Generate(9, 0, 500) {
		var kept differential.Case
		if err := json.Unmarshal([]byte(c.String()), &kept); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		if kept.String() != c.String() {
			t.Fatalf("%d: kept as\n%s", i, &kept)
		}
	}
}

func TestEngineOnStage(t *testing.T) {
	t.Parallel()
	stage, err := differential.NewStage("http")
	if err != nil {
		t.Fatal(err)
	}
	defer stage.Close()
	put := differential.Call{URL: "{o1}/c/{id}/0", Method: "PUT", Header: [][2]string{{"X-Foo", "\u00e9"}}}
	c := differential.Case{Calls: []differential.Call{put, put}, Hops: []differential.Hop{{Actual: &differential.Answer{
		Status: 307, Lines: []string{"Access-Control-Allow-Origin: {origin}", "Location: {o2}/c/{id}/1"},
	}}}}
	got, err := stage.InEngine(t.Context(), fetch.Standard, []differential.Case{c, c})
	if err != nil {
		t.Fatal(err)
	}
	want := differential.Outcome{
		Results: slices.Repeat([]string{`cors 200 "{o2}/c/{id}/1" redirected body "x" cache-control="no-store" content-length="1"`}, 2),
		Requests: []string{
			`PRE0@o1 O={page} ACRM=PUT ACRH=x-foo`, `PUT0@o1 O={page} x-foo:["\xe9"]`,
			`PRE1@o2 O=null ACRM=PUT ACRH=x-foo`, `PUT1@o2 O=null x-foo:["\xe9"]`,
			`PUT0@o1 O={page} x-foo:["\xe9"]`, `PUT1@o2 O=null x-foo:["\xe9"]`,
		},
	}
	for _, outcome := range got {
		if diff := cmp.Diff(want, outcome); diff != "" {
			t.Error(diff)
		}
	}
}

func TestShrink(t *testing.T) {
	t.Parallel()
	body := "body"
	c := differential.Case{
		Sandboxed: true,
		Calls: []differential.Call{
			{URL: "{o1}/c/{id}/0", Method: "PUT", Header: [][2]string{{"X-Foo", "abc"}, {"X-Bar", "1"}}, Body: &body, Credentials: "include"},
			{URL: "{o1}/c/{id}/0", Method: "FOO"},
		},
		Hops: []differential.Hop{{Preflight: &differential.Answer{Status: 204, Lines: []string{"A: {origin}", "B: 2"}}}, {}},
	}
	guilty := func(c differential.Case) bool {
		text := c.String()
		return strings.Contains(text, "X-Foo") && strings.Contains(text, "A: {origin}")
	}
	got := differential.Shrink(c, func(cases []differential.Case) int { return slices.IndexFunc(cases, guilty) })
	want := differential.Case{
		Calls: []differential.Call{{URL: "{o1}/c/{id}/0", Header: [][2]string{{"X-Foo", ""}}}},
		Hops:  []differential.Hop{{Preflight: &differential.Answer{Status: 200, Lines: []string{"A: {origin}"}}}},
	}
	if got.String() != want.String() {
		t.Errorf("shrunk to\n%s", &got)
	}
}

func TestExcused(t *testing.T) {
	t.Parallel()
	pre, put, other := "PRE0@o1 O={page} ACRM=PUT", "PUT0@o1 O={page}", "PRE0@o1 O={page} ACRM=DELETE"
	for _, test := range []struct {
		name, browser string
		theirs, ours  []string
		want          bool
	}{
		{"asked again", "firefox", []string{pre, put, pre, put}, []string{pre, put, put}, true},
		{"asked again for another method", "firefox", []string{pre, put, other, put}, []string{pre, put, put}, true},
		{"asked again in Chromium", "chromium", []string{pre, put, pre, put}, []string{pre, put, put}, false},
		{"asked where the engine never did", "firefox", []string{pre, put}, []string{put}, false},
		{"did not ask", "firefox", []string{put}, []string{pre, put}, false},
		{"sent again", "firefox", []string{pre, put, put}, []string{pre, put}, false},
		{"not sent", "firefox", []string{pre}, []string{pre, put}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := differential.Excused(test.browser, differential.Outcome{Requests: test.theirs}, differential.Outcome{Requests: test.ours}); got != test.want {
				t.Errorf("excused: %t", got)
			}
		})
	}
}
