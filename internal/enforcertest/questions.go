package enforcertest

import (
	"slices"
	"strings"

	"github.com/corsac-cors/corsac"
)

// questions are preflights that ask strangely, and requests that only look like
// preflights.
func questions() (trials []Trial) {
	trials = append(trials, oddQuestions()...)
	trials = append(trials, hugeQuestions()...)
	return append(trials, noQuestions()...)
}

// oddQuestions are all answered alike: with what is allowed. The browser does
// the comparing.
func oddQuestions() (trials []Trial) {
	tests := []struct {
		name  string
		lines []string
	}{
		{"a safelisted method", asks("GET")},
		{"HEAD", asks("HEAD")},
		{"a method that is not listed", asks("PATCH")},
		{"a listed method in lower case", asks("put")},
		{"a method that is none", asks("PUT, DELETE")},
		{"a star", asks("*", "*")},
		{"no method", asks("")},
		{"OPTIONS itself", asks("OPTIONS")},
		{"two method lines", append(asks("PUT"), asks("DELETE")...)},
		{"two method lines, one not listed", append(asks("PUT"), asks("TRACE")...)},
		{"header names in upper case", asks("PUT", "AUTHORIZATION,Content-TYPE")},
		{"header names unsorted", asks("PUT", "pagenumber,authorization")},
		{"header names with spaces", asks("PUT", "authorization , content-type\t,itemsperpage")},
		{"header names with empty elements", asks("PUT", ",authorization,,content-type,")},
		{"header names on several lines", asks("PUT", "authorization", "content-type", "itemsperpage")},
		{"header names repeated", asks("PUT", "authorization,authorization,authorization")},
		{"an empty list", asks("PUT", "")},
		{"a header that is not listed", asks("PUT", "x-unlisted")},
		{"a listed header and one that is not", asks("PUT", "authorization,x-unlisted")},
		{"no header name", asks("PUT", "author ization,@,\"quoted\"")},
		{"a header name in Latin-1", asks("PUT", "\xe9t\xe9")},
		{"a forbidden header", asks("PUT", "cookie,host")},
	}
	for _, tt := range tests {
		trials = append(trials,
			Trial{Name: tt.name + ", origin allowed", Rules: usersRules(),
				Request: request("OPTIONS /users/1", slices.Concat(tt.lines, []string{origin(app)})...), Want: permits(app)},
			Trial{Name: tt.name + ", origin not allowed", Rules: usersRules(),
				Request: request("OPTIONS /users/1", slices.Concat(tt.lines, []string{origin(evil)})...), Want: denies()},
		)
	}
	return trials
}

// hugeQuestions are larger than any browser asks. A server may turn down what
// is too large for it; what it answers it answers as ever.
func hugeQuestions() (trials []Trial) {
	for _, tt := range []struct {
		name  string
		names string
	}{
		{"commas", strings.Repeat(",", 7<<10)},
		{"spaces", "a" + strings.Repeat(" ", 7<<10) + "a"},
		{"one long name", strings.Repeat("a", 7<<10)},
		{"many names", strings.Repeat("x-a,", 1<<10)},
		{"names of the list, many times", strings.Repeat("authorization,", 500)},
		{"a megabyte of commas", strings.Repeat(",", 1<<20)},
		{"a megabyte of spaces", "a" + strings.Repeat(" ", 1<<20) + "a"},
		{"half a megabyte of commas", strings.Repeat(",", 1<<19)},
		{"half a megabyte of spaces", "a" + strings.Repeat(" ", 1<<19) + "a"},
	} {
		want := permits(app)
		if len(tt.names) > 8<<10 {
			want = Answer{Loose: true, CORS: permitted(app), Upstream: Kept}
		}
		trials = append(trials, Trial{Name: tt.name, Rules: usersRules(), Request: preflight("/users/1", app, "PUT", tt.names), Want: want})
	}
	return trials
}

func noQuestions() []Trial {
	options := func(a Answer) Answer { a.Vary = byQuestion; return a }
	refusing := with(func(r *corsac.Rule) { r.RefuseOthers = true })
	return []Trial{
		{Name: "OPTIONS without a method line, origin allowed", Rules: usersRules(),
			Request: request("OPTIONS /users/1", origin(app)), Want: options(shares(app))},
		{Name: "OPTIONS without a method line, origin not allowed", Rules: usersRules(),
			Request: request("OPTIONS /users/1", origin(evil)), Want: options(hides())},
		{Name: "OPTIONS without a method line, refuse-others", Rules: refusing,
			Request: request("OPTIONS /users/1", origin(evil)), Want: options(hides())},
		{Name: "OPTIONS with header names only", Rules: usersRules(),
			Request: request("OPTIONS /users/1", origin(app), "Access-Control-Request-Headers: authorization"), Want: options(shares(app))},
		{Name: "OPTIONS without an origin", Rules: usersRules(), Request: request("OPTIONS /users/1", asks("PUT")...), Want: options(hides())},
		{Name: "bare OPTIONS", Rules: usersRules(), Request: request("OPTIONS /users/1"), Want: options(hides())},
		{Name: "bare OPTIONS, no rule", Rules: usersRules(), Request: request("OPTIONS /private"), Want: options(hides())},
		{Name: "GET with a method line", Rules: usersRules(),
			Request: request("GET /users/1", append(asks("PUT"), origin(app))...), Want: shares(app)},
		{Name: "POST with a method line, refuse-others", Rules: refusing,
			Request: request("POST /users/1", append(asks("GET"), origin(evil))...), Want: refuses()},
		{Name: "options in lower case is another method", Rules: usersRules(),
			Request: request("options /users/1", append(asks("PUT"), origin(evil))...), Want: hides()},
	}
}
