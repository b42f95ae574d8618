package policyfile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

func TestReadDesign(t *testing.T) {
	t.Parallel()
	f, err := policyfile.Read("testdata/design.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := []corsac.Rule{{
		Path:         "/users/",
		Origins:      []string{"https://*.example.org", "https://app.example.com"},
		Methods:      []string{"DELETE", "PUT"},
		Headers:      []string{"Authorization", "Content-Type", "ItemsPerPage", "PageNumber"},
		Expose:       []string{"TotalItemsCount"},
		Credentials:  true,
		MaxAge:       2 * time.Hour,
		RefuseOthers: true,
	}}
	if diff := cmp.Diff(want, f.Policy.Rules()); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	gateway := policyfile.DefaultGateway()
	gateway.Listen, gateway.Upstream = ":8080", "http://localhost:8081"
	if diff := cmp.Diff(gateway, f.Gateway); diff != "" {
		t.Errorf("gateway (-want +got):\n%s", diff)
	}
	if f.Name != "testdata/design.yaml" {
		t.Errorf("Name = %q", f.Name)
	}
}

// What is shared by anchors and merge keys is what it would be written out.
func TestReadShared(t *testing.T) {
	t.Parallel()
	f, err := policyfile.Read("testdata/shared.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rules := f.Policy.Rules()
	if len(rules) != 4 {
		t.Fatalf("%d rules", len(rules))
	}
	open, closed, also := rules[0], rules[1], rules[2]
	if closed.Path != "/closed/" || !closed.Credentials || open.Credentials {
		t.Errorf("the merged rule's own keys: %+v", closed)
	}
	if diff := cmp.Diff(open.Headers, closed.Headers); diff != "" || len(open.Headers) < 5 {
		t.Errorf("merged headers:\n%s", diff)
	}
	if diff := cmp.Diff(open.Origins, also.Origins); diff != "" {
		t.Errorf("aliased origins:\n%s", diff)
	}
	if also.MaxAge != corsac.NoCache {
		t.Errorf("max-age: 0s is %v", also.MaxAge)
	}
}

func TestReadMissing(t *testing.T) {
	t.Parallel()
	_, err := policyfile.Read(filepath.Join(t.TempDir(), "corsac.yaml"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
}

func TestReadDirectory(t *testing.T) {
	t.Parallel()
	name := t.TempDir()
	if _, err := policyfile.Read(name); err == nil || !strings.Contains(err.Error(), "reading "+name) {
		t.Errorf("error is %v", err)
	}
}

// A file is never taken for as much as there was room for.
func TestReadTooLarge(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "corsac.yaml")
	const rest = "\nrules: []\n"
	if err := os.WriteFile(name, []byte(rest+strings.Repeat(" ", policyfile.MaxSize-len(rest))+"x"), 0o600); err != nil {
		t.Fatal(err)
	}
	const want = "1:1 the file is larger than 4 MiB, which is the most that is read (keep large sets of origins elsewhere, and give them to the policy in Go)"
	if _, err := policyfile.Read(name); told(err) != want {
		t.Error(err)
	}
}

func TestParseGood(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		want     corsac.Rule
	}{
		{"one string for a list", "rules: [{origins: https://a.example, methods: PUT}]",
			corsac.Rule{Path: "/", Origins: []string{"https://a.example"}, Methods: []string{"PUT"}}},
		{"quoted star and null", `rules: [{origins: ["*", "null"]}]`,
			corsac.Rule{Path: "/", Origins: []string{"*", "null"}}},
		{"byte order mark and CRLF", "\ufeffrules:\r\n  - origins: https://a.example\r\n    timing: true\r\n",
			corsac.Rule{Path: "/", Origins: []string{"https://a.example"}, Timing: true}},
		{"absent max-age", "rules: [{origins: https://a.example}]",
			corsac.Rule{Path: "/", Origins: []string{"https://a.example"}}},
		{"max-age of zero", "rules: [{origins: https://a.example, max-age: 0s}]",
			corsac.Rule{Path: "/", Origins: []string{"https://a.example"}, MaxAge: corsac.NoCache}},
		{"document markers", "---\nrules: [{origins: https://a.example}]\n...\n",
			corsac.Rule{Path: "/", Origins: []string{"https://a.example"}}},
		{"empty documents before it", "# a\n---\n# b\n---\n...\n---\n# c\nrules: [{origins: https://a.example}]\n",
			corsac.Rule{Path: "/", Origins: []string{"https://a.example"}}},
		{"characters that are odd and harmless", "rules: \t[{origins: https://a.example}] \t# \u00a0 \ufffd\n",
			corsac.Rule{Path: "/", Origins: []string{"https://a.example"}}},
		{"tabs on empty lines", "\t\nrules:\n  \t\n- origins: https://a.example\n\t\t",
			corsac.Rule{Path: "/", Origins: []string{"https://a.example"}}},
		{"quoted keys", `{"rules": [{"origins": ["https://a.example"]}]}`,
			corsac.Rule{Path: "/", Origins: []string{"https://a.example"}}},
		{"JSON indented with tabs", "\n{\n\t\"rules\": [\n\t\t{\n\t\t\t\"origins\": [\"https://a.example\"]\n\t\t}\n\t]\n}\n",
			corsac.Rule{Path: "/", Origins: []string{"https://a.example"}}},
		{"block scalar", "rules:\n- origins: >-\n    https://a.example\n",
			corsac.Rule{Path: "/", Origins: []string{"https://a.example"}}},
		{"ports in brackets in braces", "rules: [{origins: [https://a.example:8080, http://localhost:*, http://b:*]}]",
			corsac.Rule{Path: "/", Origins: []string{"http://b:*", "http://localhost:*", "https://a.example:8080"}}},
		{"ports in brackets on lines in braces", "rules:\n- {\n  path: /a,\n  origins: [\n    https://a.example:8080,\n    http://localhost:*\n  ]\n}\n",
			corsac.Rule{Path: "/a", Origins: []string{"http://localhost:*", "https://a.example:8080"}}},
		{"merged mappings, of which the first speaks", "rules:\n- <<: [{origins: https://a.example, path: /a}, {path: /b, credentials: true}]\n  timing: true\n",
			corsac.Rule{Path: "/a", Origins: []string{"https://a.example"}, Credentials: true, Timing: true}},
		{"question mark before a key", "rules:\n- ? origins\n  : https://a.example\n",
			corsac.Rule{Path: "/", Origins: []string{"https://a.example"}}},
		{"an empty document at the very beginning", "---\n# nothing\n---\nrules: [{origins: https://a.example}]\n",
			corsac.Rule{Path: "/", Origins: []string{"https://a.example"}}},
		{"NO is a word", "rules: [{origins: https://a.example, methods: [NO]}]",
			corsac.Rule{Path: "/", Origins: []string{"https://a.example"}, Methods: []string{"NO"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := policyfile.Parse("x", []byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]corsac.Rule{tt.want}, f.Policy.Rules(), cmpEmpty); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoRules(t *testing.T) {
	t.Parallel()
	f, err := policyfile.Parse("x", []byte("rules: []\n"))
	if err != nil || len(f.Policy.Rules()) != 0 {
		t.Errorf("Parse = %v, %v", f, err)
	}
}

// Each row is a file and what is said of it: every problem, as line:column,
// message and hint.
func TestProblems(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", `1:1 the file is empty (begin with rules:)`},
		{"comments alone", "# nothing\n", `1:1 the file is empty (begin with rules:)`},
		{"no rules", "# first\n\ngateway: {}\n", `3:1 rules: there are no rules (write rules: and a list of them below, or rules: [] to allow nothing)`},
		{"list at the top", "- path: /\n", `1:1 the file is a list, not a mapping (write rules: above the list)`},
		{"text at the top", "hello\n", `1:1 the file is a string, not a mapping (begin with rules:)`},
		{"two documents", "rules: []\n---\nrules: []\n---\nrules: []\n",
			`2:1 a second document begins here, and a policy file is one (put it into a file of its own)
4:1 a second document begins here, and a policy file is one (put it into a file of its own)`},
		{"a second document behind an empty one", "rules: []\n---\n# nothing\n---\nrules: []\n", `4:1 a second document begins here, and a policy file is one (put it into a file of its own)`},
		{"a second document behind the end of one", "rules: []\n...\nrules: []\n", `3:1 a second document begins here, and a policy file is one (put it into a file of its own)`},
		{"empty documents alone", "---\n# nothing\n---\n", `1:1 the file is empty (begin with rules:)`},
		{"UTF-16, little endian", "\xff\xfer\x00u\x00\r\x00\n\x00", `1:1 the file is UTF-16 (save it as UTF-8; in PowerShell, corsac … | Out-File -Encoding utf8 corsac.yaml)`},
		{"UTF-16, big endian", "\xfe\xff\x00r\x00u\x00\n", `1:1 the file is UTF-16 (save it as UTF-8; in PowerShell, corsac … | Out-File -Encoding utf8 corsac.yaml)`},
		{"not UTF-8", "rules: []\n# caf\xe9\xe9\n# caf\xe9\n", `2:6 the line is not UTF-8 (save the file as UTF-8)
3:6 the line is not UTF-8 (save the file as UTF-8)`},
		{"characters that end lines for some", "rules: []\n# \u2028 \u2029 \u0085 \ufeff\n", `2:3 the line holds the control character U+2028 (remove it)
2:5 the line holds the control character U+2029 (remove it)
2:7 the line holds the control character U+0085 (remove it)
2:9 the line holds the control character U+FEFF (remove it)`},
		{"control characters", "rules: []\n# \x00 \x1b[31m\n", `2:3 the line holds the control character U+0000 (remove it)
2:5 the line holds the control character U+001B (remove it)`},
		{"non-breaking spaces", "rules: []\n# a\u00a0b\n-\u00a0a: b\n\u00a0\u00a0c: d\n \u00a0e: f\n", `3:2 the line begins with a non-breaking space, which means nothing in YAML (write a space)
4:1 the line begins with a non-breaking space, which means nothing in YAML (write a space)
5:2 the line begins with a non-breaking space, which means nothing in YAML (write a space)`},
		{"long values", "rules:\n- origins: https://" + strings.Repeat("a", 1000) + "\n", `2:12 rules[0].origins[0]: origin "https://` + strings.Repeat("a", 250-len(`origin "https://`)) + ` … ` +
			strings.Repeat("a", 250-len(`" has a host of more than 253 characters`)) + `" has a host of more than 253 characters (write it as a browser does, scheme://host[:port], for example "https://app.example.com")`},
		{"long values of long characters", "rules:\n- {origins: '*', path: e" + strings.Repeat("é", 1000) + "}\n", `2:24 rules[0].path: "e` + strings.Repeat("é", 124) + ` … ` +
			strings.Repeat("é", 110) + `" does not begin with a slash (write "/e` + strings.Repeat("é", 120) + ` … ` + strings.Repeat("é", 124) + `")`},
		{"line ends of old", "rules:\r- path: /\r", `1:7 a carriage return stands where no line ends (save the file with the line ends of Unix or Windows, LF or CRLF)`},
		{"tabs", "rules:\n\t- path: /\n\t  origins: []\n", `2:1 the line is indented with a tab, which YAML does not allow (indent with spaces)
3:1 the line is indented with a tab, which YAML does not allow (indent with spaces)`},
		{"too large", strings.Repeat("#\n", policyfile.MaxSize/2+1), `1:1 the file is larger than 4 MiB, which is the most that is read (keep large sets of origins elsewhere, and give them to the policy in Go)`},

		{"stars, unquoted", "rules:\n- origins: [*]\n  methods:\n  - *\n  - PUT\n  headers: *\n",
			`2:13 rules[0].origins[0]: * begins an alias in YAML (write "*" in quotes)
4:5 rules[0].methods[0]: * begins an alias in YAML (write "*" in quotes)
6:12 rules[0].headers: * begins an alias in YAML (write "*" in quotes)`},
		{"a trap hides nothing", "rules:\n- origins: [*]\n  credentials: true\n",
			`2:13 rules[0].origins[0]: * begins an alias in YAML (write "*" in quotes)
2:13 rules[0].origins[0]: "*" with credentials: browsers refuse it, and every site could read the data of its visitors (list the origins, or leave credentials away)`},
		{"star with a domain", "rules:\n- origins: *.example.com\n",
			`2:12 rules[0].origins: * begins an alias in YAML (write "*.example.com" in quotes)
2:12 rules[0].origins[0]: origin "*.example.com" has no scheme (write "https://*.example.com")`},
		{"groups, unquoted", "rules:\n- origins: \"*\"\n  headers: [@tracing, X-A]\n  expose:\n  - @tus\n",
			`3:13 rules[0].headers[0]: @ cannot begin a value in YAML (write "@tracing" in quotes)
5:5 rules[0].expose[0]: @ cannot begin a value in YAML (write "@tus" in quotes)`},
		{"backtick", "rules:\n- origins: `a`\n", "2:12 this character cannot begin a value in YAML (put the value in quotes)"},
		{"null, unquoted", "rules:\n- origins: [null, ~]\n  methods:\n",
			`2:13 rules[0].origins[0]: null is nothing in YAML (write "null" in quotes for the origin of that name)
2:19 rules[0].origins[1]: there is no value (give it one, or remove it)
3:10 rules[0].methods: there is no value (give it one, or remove it)`},
		{"nothing where something must be", "rules:\n- origins:\ngateway:\n  listen:\n  routes: [{upstream: }]\n",
			`2:10 rules[0].origins: there is no value (give it one)
4:9 gateway.listen: there is no value (give it one, or remove it)
5:21 gateway.routes[0].upstream: there is no value (give it one)`},
		{"rules without any", "rules:\n", `1:6 rules: there is no value (write a list of them below, or rules: [] to allow nothing)`},
		{"rules in empty braces", "rules: {}\n", `1:8 rules: a mapping stands where a list is expected (put a dash before each entry)`},
		{"null, unquoted, elsewhere", "rules:\n- origins: null\n- {path: /a, origins: [NULL], methods: [null]}\n",
			`2:12 rules[0].origins: null is nothing in YAML (write "null" in quotes for the origin of that name)
3:24 rules[1].origins[0]: NULL is nothing in YAML (write "null" in quotes for the origin of that name)
3:41 rules[1].methods[0]: there is no value (give it one, or remove it)`},
		{"booleans that are none", "rules:\n- origins: \"*\"\n  credentials: no\n  timing: on\n  refuse-others: 1\n",
			`3:16 rules[0].credentials: "no" is a string, and a boolean is expected (write false)
4:11 rules[0].timing: "on" is a string, and a boolean is expected (write true)
5:18 rules[0].refuse-others: a number stands where a boolean is expected (write true or false)`},
		{"booleans in other words", "rules:\n- {origins: \"*\", path: /a, credentials: off, timing: Yes}\n- {origins: \"*\", path: /b, credentials: n, timing: y}\n- {origins: \"*\", path: /c, credentials: 'false', timing: 'true', refuse-others: sometimes}\n",
			`2:41 rules[0].credentials: "off" is a string, and a boolean is expected (write false)
2:54 rules[0].timing: "Yes" is a string, and a boolean is expected (write true)
3:41 rules[1].credentials: "n" is a string, and a boolean is expected (write false)
3:52 rules[1].timing: "y" is a string, and a boolean is expected (write true)
4:41 rules[2].credentials: "false" is a string, and a boolean is expected (write false)
4:58 rules[2].timing: "true" is a string, and a boolean is expected (write true)
4:81 rules[2].refuse-others: "sometimes" is a string, and a boolean is expected (write true or false)`},
		{"numbers for strings", "rules:\n- origins: \"*\"\n  methods: [1, true, 0x1F, 1.5]\n  path: 8080\n",
			`3:13 rules[0].methods[0]: a number stands where a string is expected (write "1" in quotes)
3:16 rules[0].methods[1]: a boolean stands where a string is expected (write "true" in quotes)
3:22 rules[0].methods[2]: a number stands where a string is expected (write "0x1F" in quotes)
3:28 rules[0].methods[3]: a number stands where a string is expected (write "1.5" in quotes)
4:9 rules[0].path: a number stands where a string is expected (write "8080" in quotes)`},
		{"durations that are none", "rules:\n" +
			"- {origins: \"*\", path: /a, max-age: 7200}\n- {origins: \"*\", path: /b, max-age: \"3600\"}\n- {origins: \"*\", path: /c, max-age: 1d}\n" +
			"- {origins: \"*\", path: /d, max-age: 10 min}\n- {origins: \"*\", path: /e, max-age: long}\n- {origins: \"*\", path: /f, max-age: [1h]}\n- {origins: \"*\", path: /g, max-age: -1s}\n- {origins: \"*\", path: /h, max-age: \"0\"}\n- {origins: \"*\", path: /i, max-age: +1m}\n- {origins: \"*\", path: /j, max-age: 1h 30m}\n",
			`2:37 rules[0].max-age: 7200 has no unit (write 2h if seconds are meant)
3:37 rules[1].max-age: "3600" is no duration (write 1h if seconds are meant)
4:37 rules[2].max-age: "1d" is no duration (write 24h)
5:37 rules[3].max-age: "10 min" is no duration (write 10m)
6:37 rules[4].max-age: "long" is no duration (write one such as "90s", "10m" or "2h")
7:37 rules[5].max-age: a list stands where a duration is expected (write one such as "90s", "10m" or "2h")
8:37 rules[6].max-age: -1s is negative (write 0s to forbid that browsers remember)
9:37 rules[7].max-age: "0" is no duration (write 0s if seconds are meant)
10:37 rules[8].max-age: "+1m" is no duration (write 1m)
11:37 rules[9].max-age: "1h 30m" is no duration (write 1h30m)`},
		{"durations beyond the limits", "rules:\n- {origins: \"*\", path: /a, max-age: 172800}\n- {origins: \"*\", path: /b, max-age: 2d}\n- {origins: \"*\", path: /c, max-age: .5s}\n- {origins: \"*\", path: /d, max-age: 200000d}\n",
			`2:37 rules[0].max-age: 172800 has no unit (write 24h if seconds are meant: no browser honours more)
3:37 rules[1].max-age: "2d" is no duration (write 24h: no browser honours more)
4:37 rules[2].max-age: ".5s" is no duration (write 1s: the header counts whole seconds)
5:37 rules[3].max-age: "200000d" is no duration (write one such as "90s", "10m" or "2h")`},
		{"rules that are text", "rules: /users/\n", `1:8 rules: a string stands where a list is expected (write each entry on a line of its own, with a dash before it)`},
		{"rules without dashes", "rules:\n  path: /\n  origins: \"*\"\n", `2:3 rules: a mapping stands where a list is expected (put a dash before each entry)`},
		{"rule that is text", "rules:\n- /users/\n", `2:3 rules[0]: a string stands where a mapping is expected (write key: value, one on each line; the keys are path, host, origins, methods, headers, expose, credentials, max-age, refuse-others, timing)`},
		{"mapping for a list", "rules:\n- origins: {a: b}\n", `2:12 rules[0].origins: a mapping stands where a list of strings is expected (put a dash before each entry)`},
		{"header with its value", "rules:\n- origins: \"*\"\n  headers:\n  - Content-Type: application/json\n",
			`4:5 rules[0].headers[0]: a mapping stands where a string is expected (put the value in quotes if it holds a colon and a space)`},
		{"list in a list", "rules:\n- origins: [[https://a.example]]\n", `2:13 rules[0].origins[0]: a list stands where a string is expected (write one value, without dash and brackets)`},

		{"keys that were meant", "rules:\n" +
			"- {origin: \"*\", path: /a}\n- {origins: \"*\", path: /b, maxAge: 1h}\n- {origins: \"*\", path: /c, allow_credentials: true}\n" +
			"- {origins: \"*\", path: /d, Expose: ETag}\n- {allowed-origins: \"*\", path: /e}\n- {origins: \"*\", path: /f, Access-Control-Max-Age: 1h}\n" +
			"- {origins: \"*\", path: /g, exposed_headers: ETag}\n",
			`2:4 rules[0].origins: there is no key "origin" (did you mean "origins"?)
3:28 rules[1].max-age: there is no key "maxAge" (did you mean "max-age"?)
4:28 rules[2].credentials: there is no key "allow_credentials" (did you mean "credentials"?)
5:28 rules[3].expose: there is no key "Expose" (did you mean "expose"?)
6:4 rules[4].origins: there is no key "allowed-origins" (did you mean "origins"?)
7:28 rules[5].max-age: there is no key "Access-Control-Max-Age" (did you mean "max-age"?)
8:28 rules[6].expose: there is no key "exposed_headers" (did you mean "expose"?)`},
		{"a key from nowhere", "rules: []\ncolour: red\n", `2:1 colour: there is no key "colour" (the keys here are rules, gateway, tests)`},
		{"a key from nowhere in JSON indented with tabs", "{\n\t\"rules\": [],\n\t\t\"colour\": 1\n}\n", `3:3 colour: there is no key "colour" (the keys here are rules, gateway, tests)`},
		{"keys that are none", "rules: []\n1: a\n", `2:1 a key is a word, and this is none`},
		{"keys that are more than a word", "rules:\n- &o origins: https://a.example\n- path: /b\n  !t origins: https://b.example\n  *o : https://b.example\n",
			`2:3 rules[0]: a key is a word, and this is none (write the anchor of a mapping on a line of its own, above its keys)
2:3 rules[0].origins: no origin is listed (list the origins of the pages, or "*" for all)
3:3 rules[1].origins: no origin is listed (list the origins of the pages, or "*" for all)
4:3 rules[1]: a key is a word, and this is none
5:3 rules[1]: a key is a word, and this is none`},
		{"keys twice", "rules:\n- origins: \"*\"\n  path: /a\n  path: /b\n  path: /c\nrules: []\n",
			`4:3 rules[0]: the key "path" stands here for the second time, after line 3 (keep one of the two)
5:3 rules[0]: the key "path" stands here for the second time, after line 3 (keep one of the two)
6:1 the key "rules" stands here for the second time, after line 1 (keep one of the two)`},

		{"keys twice hide nothing else", "rules:\n- origins: https://a.example/\n  path: /a\n  path: /b\nrules: []\n",
			`2:12 rules[0].origins[0]: origin "https://a.example/" ends in a slash, which no origin does (write "https://a.example")
4:3 rules[0]: the key "path" stands here for the second time, after line 3 (keep one of the two)
5:1 the key "rules" stands here for the second time, after line 1 (keep one of the two)`},
		{"a key nearly there hides nothing else", "rulez: []\nrules:\n- origins: https://a.example/\n  orgins: x\n",
			`1:1 rules: there is no key "rulez" (did you mean "rules"?)
3:12 rules[0].origins[0]: origin "https://a.example/" ends in a slash, which no origin does (write "https://a.example")
4:3 rules[0].origins: there is no key "orgins" (did you mean "origins"?)`},
		{"a key that is none hides nothing else", "rules:\n- origins: https://a.example/\n  1: x\n",
			`2:12 rules[0].origins[0]: origin "https://a.example/" ends in a slash, which no origin does (write "https://a.example")
3:3 rules[0]: a key is a word, and this is none`},

		{"what New says, in place", "rules:\n- path: users\n  origins:\n  - https://app.example.com/\n  - https://ok.example.com\n  methods: [put]\n  headers: Cookie\n  max-age: 48h\n- path: /x\n",
			`2:9 rules[0].path: "users" does not begin with a slash (write "/users")
4:5 rules[0].origins[0]: origin "https://app.example.com/" ends in a slash, which no origin does (write "https://app.example.com")
6:13 rules[0].methods[0]: "put" is not "PUT": methods are case-sensitive (write "PUT")
7:12 rules[0].headers[0]: no browser lets scripts set "Cookie" (remove it, and write credentials: true to allow cookies)
8:12 rules[0].max-age: 48h0m0s is more than any browser honours (write 24h or less: Firefox stops there, Chrome at 2h, Safari at 10m)
9:3 rules[1].origins: no origin is listed (list the origins of the pages, or "*" for all)`},
		{"what follows is not said", "rules:\n- path: [/a]\n  origins: 5\n", `2:9 rules[0].path: a list stands where a string is expected (write one value, without dash and brackets)
3:12 rules[0].origins: a number stands where a string is expected (write "5" in quotes)`},
		{"rules that could not be read are not held against others", "rules:\n- origins: \"*\"\n- {path: 5, origins: \"*\"}\n- {host: 5, origins: \"*\"}\n- {pathe: /a, origins: \"*\"}\n-\n- <<: *none\n",
			`3:10 rules[1].path: a number stands where a string is expected (write "5" in quotes)
4:10 rules[2].host: a number stands where a string is expected (write "5" in quotes)
5:4 rules[3].path: there is no key "pathe" (did you mean "path"?)
6:1 rules[4]: there is no value (give it one, or remove it)
7:7 * begins an alias in YAML, and there is no anchor "none" above (write "*none" in quotes, or mark a value above with &none)`},
		{"rules that could not be read are not held against later ones", "rules:\n- {path: 5, origins: \"*\"}\n- {host: 5, origins: \"*\"}\n- {origins: \"*\"}\n",
			`2:10 rules[0].path: a number stands where a string is expected (write "5" in quotes)
3:10 rules[1].host: a number stands where a string is expected (write "5" in quotes)`},
		{"colon in brackets in braces", "rules:\n- {origins: \"*\", headers: [a: b, {c: d}, \"e\":f]}\n",
			`2:28 rules[0].headers[0]: a mapping stands where a string is expected (put the value in quotes if it holds a colon and a space)
2:34 rules[0].headers[1]: a mapping stands where a string is expected (put the value in quotes if it holds a colon and a space)
2:42 rules[0].headers[2]: a mapping stands where a string is expected (put the value in quotes if it holds a colon and a space)`},
		{"nothing in quotes", "rules:\n- {path: \"\", host: \"\", origins: \"*\"}\ntests:\n- {block: GET / from null, because: \"\"}\n",
			`2:10 rules[0].path: "" is no path (write "/" for everything, or remove it)
2:20 rules[0].host: "" is no host (remove it for every host)
4:37 tests[0].because: there is no reason "" (the reasons are origin, method, header, credentials, no-rule)`},
		{"two rules for one path", "rules:\n- {path: /a, origins: \"*\"}\n- {path: /a, origins: \"*\"}\n",
			`3:10 rules[1].path: "/a" has two rules; rules[0] is the other (merge the two rules, or give one of them another path or host)`},

		{"what aliases bring back is told once", "rules:\n- &a {path: /a, origins: &o [https://a.example/], methods: [put]}\n- {<<: *a, path: /b}\n- {path: /c, origins: *o}\n",
			`2:30 rules[0].origins[0]: origin "https://a.example/" ends in a slash, which no origin does (write "https://a.example")
2:61 rules[0].methods[0]: "put" is not "PUT": methods are case-sensitive (write "PUT")`},
		{"alias of nothing", "rules: *none\n", `1:8 * begins an alias in YAML, and there is no anchor "none" above (write "*none" in quotes, or mark a value above with &none)`},
		{"alias of itself", "rules: &a\n- *a\n", `2:3 * begins an alias in YAML, and there is no anchor "a" above (write "*a" in quotes, or mark a value above with &a)`},
		{"merge of itself", "rules:\n- &a\n  <<: *a\n  origins: \"*\"\n", `3:7 * begins an alias in YAML, and there is no anchor "a" above (write "*a" in quotes, or mark a value above with &a)`},
		{"merge of text", "rules:\n- <<: text\n  origins: \"*\"\n", `2:7 rules[0]: a string stands where a mapping to merge is expected (write <<: *name, with the name of an anchor)`},
		{"merges of nothing", "rules:\n- <<: [1, *none]\n  origins: \"*\"\n", `2:8 rules[0]: a number stands where a mapping to merge is expected (write <<: *name, with the name of an anchor)
2:11 * begins an alias in YAML, and there is no anchor "none" above (write "*none" in quotes, or mark a value above with &none)`},
		{"anchor of an improper name", "rules:\n- &a.b {origins: \"*\"}\n", `2:3 this anchor has no proper name (name it with letters and digits)`},
		{"tags", "rules: !!seq\n- origins: !star \"*\"\n", `1:8 "!!seq" is a tag, which has no meaning here (remove it: the key says the type)
2:12 "!star" is a tag, which has no meaning here (remove it: the key says the type)`},

		{"key without colon", "rules: []\ngateway\n", `2:1 there is a line without a colon among the keys (write key: value, or indent what belongs to the value above)`},
		{"key without colon before others", "rules\ngateway: {}\n", `1:1 there is a line without a colon among the keys (write key: value, or indent what belongs to the value above)`},
		{"key without colon among others", "rules:\n- path: /a\n  timing\n  host: a.example\n", `3:3 there is a line without a colon among the keys (write key: value, or indent what belongs to the value above)`},
		{"key in two lines", "\"rules\n  or\": []\n", `1:1 there is a line without a colon among the keys (write key: value, or indent what belongs to the value above)`},
		{"entry among keys", "rules:\n- path: /a\n  - /b\n", `3:3 there is a line without a colon among the keys (write key: value, or indent what belongs to the value above)`},
		{"text behind quotes", "rules:\n- path: 'a' b\n", `2:13 this follows a value that has ended (put the value in quotes, or mend the indentation)`},
		{"key further left", "rules:\n  - path: /a\n timing: true\n", `3:2 this cannot stand here (mend the indentation, or put a value with brackets in quotes)`},
		{"list on the line of its key", "rules: - path: /a\n", `1:8 a list cannot begin on the line of its key (write it below, one entry with a dash on each line, or in brackets)`},
		{"list for a key", "rules:\n- [a]: b\n", `2:6 this cannot be a key (put it in quotes if it is a value)`},
		{"single quote left open", "rules:\n- path: '/a\n", `2:9 the text in single quotes does not end (close it with ')`},
		{"bracket left open before a key", "rules: [a, b\ngateway: {}\n",
			`2:1 the list in brackets does not end (put a comma between its entries and quotes around one that has brackets, and close it with ])`},
		{"brace left open before a key", "rules: {a: b\ngateway: {}\n", `2:1 the mapping in braces does not end (put a comma between its entries, and close it with })`},
		{"colon below its key in braces", "{rules\n: []}\n", `1:2 there is a line without a colon among the keys (write key: value, or indent what belongs to the value above)`},
		{"brace too many", "rules: [{path: [a: }]}]\n", `1:20 there is a } without a { (remove it)`},
		{"bracket too many", "rules: ]\n", `1:8 there is a ] without a [ (remove it)`},
		{"comma too many", "rules: [, a]\n", `1:9 there is a comma too many (remove it)`},
		{"two commas", "rules: [a, , b]\n", `1:12 there should be a value before this (remove a comma or an & too many, or put the value in quotes)`},
		{"anchor of nothing", "rules: &a\n", `1:8 & begins an anchor in YAML, and no value follows it (write the value, or put it in quotes)`},
		{"percent sign", "rules:\n- path: %a\n", `2:9 % begins a directive in YAML (put the value in quotes)`},
		{"tab behind a dash", "rules:\n-\tpath: /a\n", `2:6 there is a tab where only spaces can be (write spaces)`},
		{"directive", "%YAML 1.2\n---\nrules:\n- path: users\n  origins: \"*\"\n", `1:1 this is a directive, which has no meaning here (remove the line)
4:9 rules[0].path: "users" does not begin with a slash (write "/users")`},
		{"braces of a template", "rules:\n- origins: {{ .Origin }}\n", `2:13 there is a brace too many (put the value in quotes, or have the template filled in before)`},
		{"address in brackets", "rules: []\ngateway:\n  listen: [::1]:8080\n", `3:16 this cannot stand here (mend the indentation, or put a value with brackets in quotes)`},
		{"path that ends in a line break", "rules:\n- origins: \"*\"\n  path: |\n    /a\n", `3:9 rules[0].path: "/a\n" has a control character in it (write "/a")`},
		{"bracket left open", "rules: [\n", `1:8 the list in brackets does not end (close it with ])`},
		{"brackets in brackets", "rules:\n- origins: [http://[::1]:3000]\n",
			`2:20 the list in brackets does not end (put a comma between its entries and quotes around one that has brackets, and close it with ])`},
		{"brace left open", "rules: {\n", `1:8 the mapping in braces does not end (close it with })`},
		{"quote left open", "rules:\n- path: \"/a\n", `2:9 the text in double quotes does not end (close it with ")`},
		{"colon too many", "rules:\n- path: a: b\n", `2:9 there is a colon where no key can be (put the value in quotes if it holds a colon and a space, or else mend the indentation)`},
		{"escape that is none", "rules:\n- path: \"\\q\"\n", `2:11 there is no such escape in double quotes (write \\ for a backslash, or take single quotes)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := policyfile.Parse("corsac.yaml", []byte(tt.in))
			if f != nil {
				t.Fatal("the file was taken")
			}
			checkProblems(t, err)
			if diff := cmp.Diff(tt.want, told(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// told are problems as the tables of these tests write them.
func told(err error) string {
	var problems corsac.Problems
	errors.As(err, &problems)
	lines := make([]string, len(problems))
	for i, p := range problems {
		p.File = ""
		at := fmt.Sprintf("%d:%d", p.Line, p.Column)
		lines[i] = at + " " + strings.TrimPrefix(p.String(), at+": ")
	}
	return strings.Join(lines, "\n")
}

var cmpEmpty = cmpopts.EquateEmpty()
