package policyfile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac/policyfile"
)

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"indentation", "rules:\n-   path:   /a\n    origins:\n    -    https://a.example\n",
			"rules:\n  - path: /a\n    origins:\n      - https://a.example\n"},
		{"sections", "rules: []\ngateway:\n    listen: :8080\n\n\n\ntests: []",
			"rules: []\n\ngateway:\n  listen: :8080\n\ntests: []\n"},
		{"empty lines", "\n\nrules:\n\n\n  - path: /a\n\n\n\n    timing: true\n  - path: /b\n\n\n",
			"rules:\n  - path: /a\n\n    timing: true\n  - path: /b\n"},
		{"quotes", `rules: [{path: '/a', headers: ["@mcp", '*', "it's", 'a"b', "\u00e9\n"]}]`,
			"rules: [{path: \"/a\", headers: [\"@mcp\", \"*\", \"it's\", 'a\"b', \"é\\n\"]}]\n"},
		{"characters that need escapes", `{a: "\t\\", b: "\u0001\"\\", c: "\U0001F600\U000E0001", d: '\', e: '"'''}`,
			"a: \"\\t\\\\\"\n\nb: \"\\u0001\\\"\\\\\"\n\nc: \"😀\\U000E0001\"\n\nd: '\\'\n\ne: '\"'''\n"},
		{"keys in quotes", `{"rules": [{"path": a}], 'true': 1, "a b": 2, "FALSE": 3, 'null': 4, "1": 5}`,
			"rules: [{path: a}]\n\n\"true\": 1\n\n\"a b\": 2\n\n\"FALSE\": 3\n\n\"null\": 4\n\n\"1\": 5\n"},
		{"words that hold what brackets would end", "rules:\n- a,b\n- a]b\n- a}\n", "rules:\n  - a,b\n  - a]b\n  - a}\n"},
		{"keys behind question marks", "? rules\n: []\n", "rules: []\n"},
		{"keys alone in braces", "rules: [{path, host: }]\n", "rules: [{path: null, host: null}]\n"},
		{"aliases in brackets", "rules:\n- &a {b: c}\n- {<<:   *a, d: e}\n- [*a,&c   d]\n", "rules:\n  - &a {b: c}\n  - {<<: *a, d: e}\n  - [*a, &c d]\n"},
		{"brackets", "rules: [ {path: /a ,methods: [ PUT,DELETE ]} ]\n",
			"rules: [{path: /a, methods: [PUT, DELETE]}]\n"},
		{"brackets too long for a line", "rules:\n- headers: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, c]\n",
			"rules:\n  - headers:\n      - aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n      - bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n      - c\n"},
		{"brackets as long as a line", "rules:\n- headers: [" + strings.Repeat("é", 82) + ", b]\n",
			"rules:\n  - headers: [" + strings.Repeat("é", 82) + ", b]\n"},
		{"brackets one longer than a line", "rules:\n- headers: [" + strings.Repeat("é", 83) + ", b]\n",
			"rules:\n  - headers:\n      - " + strings.Repeat("é", 83) + "\n      - b\n"},
		{"braces too long for a line", "rules:\n- {path: /" + strings.Repeat("a", 80) + ", timing: true}\n",
			"rules:\n  - path: /" + strings.Repeat("a", 80) + "\n    timing: true\n"},
		{"braces with comments", "rules:\n- {path: /a, # p\n   # two\n   timing: true # t\n   # end\n  } # behind\n",
			"rules:\n  - path: /a # p\n    # two\n    timing: true # t\n    # end\n    # behind\n"},
		{"brackets in a list one longer than a line", "rules:\n- [" + strings.Repeat("a", 90) + ", b]\n- [" + strings.Repeat("a", 91) + ", b]\n",
			"rules:\n  - [" + strings.Repeat("a", 90) + ", b]\n  - - " + strings.Repeat("a", 91) + "\n    - b\n"},
		{"brackets with a comment, and one below", "rules:\n- headers: [ # all\n    a]\n  # below\n  timing: true\n# last\n",
			"rules:\n  - headers: # all\n      - a\n    # below\n    timing: true\n# last\n"},
		{"braces with a comment behind the first", "gateway: { # all\n  listen: :1,\n  admin: :2 # two\n}\n",
			"gateway:   # all\n  listen: :1\n  admin: :2 # two\n"},
		{"brackets with a comment in brackets", "rules:\n- headers: [a, [b, # c\n  d], e]\n",
			"rules:\n  - headers:\n      - a\n      - - b        # c\n        - d\n      - e\n"},
		{"brackets with a comment behind a comma", "rules:\n- headers: [a # one\n  , # two\n  b]\n",
			"rules:\n  - headers:\n      # one\n      - a # two\n      - b\n"},
		{"brackets beside comments", "rules:\n  # above\n  - headers: [a, b] # behind\n    # below\n    expose: {a: b}   # behind\n",
			"rules:\n  # above\n  - headers: [a, b] # behind\n    # below\n    expose: {a: b}   # behind\n"},
		{"empty brackets with a comment", "rules: [ # none\n]\n", "rules: [] # none\n"},
		{"brackets with comments", "rules:\n- headers: [ # all\n  a, # one\n  # two\n  b\n  # none\n  ] # end\n  timing: true\n",
			"rules:\n  - headers: # all\n      - a # one\n      # two\n      - b\n      # none\n      # end\n    timing: true\n"},
		{"comments above", "# file\n\n# rules\nrules:\n    # first\n  - path: /a\n# second\n  - path: /b\n",
			"# file\n\n# rules\nrules:\n  # first\n  - path: /a\n  # second\n  - path: /b\n"},
		{"comments behind", "rules:    # r\n- path: /a  # p\n  timing: true # t\n",
			"rules:    # r\n  - path: /a # p\n    timing: true # t\n"},
		{"aligned comments", "rules:\n  - path: /a       # p\n    timing: true   # t\n",
			"rules:\n  - path: /a       # p\n    timing: true   # t\n"},
		{"empty lines around comments", "rules:\n\n  # one\n\n\n  # two\n  - path: /a # three\n\n  # four\n\n  - path: /b\n",
			"rules:\n  # one\n\n  # two\n  - path: /a # three\n\n  # four\n\n  - path: /b\n"},
		{"comments of the second of two", "rules:\n- path: /a\n- path: /b # two\n  # inside\n  timing: true\n",
			"rules:\n  - path: /a\n  - path: /b # two\n    # inside\n    timing: true\n"},
		{"aligned comments of a list", "rules:\n  - path: /a   # one\n  - a          # two\n  - long-one   # three\n",
			"rules:\n  - path: /a   # one\n  - a          # two\n  - long-one   # three\n"},
		{"comments of several levels", "rules:\n  - path: /a\n    origins:\n    - x\n    # about timing\n    timing: true\n    # end of rule\n  # end of rules\n# end\n",
			"rules:\n  - path: /a\n    origins:\n      - x\n    # about timing\n    timing: true\n    # end of rule\n  # end of rules\n# end\n"},
		{"what looks like a comment", "rules: |\n  # no comment\ngateway: a#b # c\n", "rules: \"# no comment\\n\"\n\ngateway: a#b # c\n"},
		{"comments at the end of a block", "rules:\n- path: /a\n  # last of the rule\n# about the gateway\ngateway:\n  listen: :1\n  # last of the gateway\n# last of all\n",
			"rules:\n  - path: /a\n    # last of the rule\n\n# about the gateway\ngateway:\n  listen: :1\n  # last of the gateway\n# last of all\n"},
		{"commented entries", "rules:\n- origins:\n  - https://a.example\n  # - https://b.example\n  timing: true\n",
			"rules:\n  - origins:\n      - https://a.example\n      # - https://b.example\n    timing: true\n"},
		{"entries commented without a space", "rules:\n- origins:\n  - https://a.example\n  #- https://b.example\n  #-https://c.example\n  timing: true\n",
			"rules:\n  - origins:\n      - https://a.example\n      #- https://b.example\n    #-https://c.example\n    timing: true\n"},
		{"comment between key and value", "rules:\n- path:\n    # why\n    /a # where\n",
			"rules:\n  # why\n  - path: /a # where\n"},
		{"comment behind a dash", "rules:\n- # first\n  path: /a\n", "rules:\n  - path: /a # first\n"},
		{"anchors", "rules:\n- &a\n  path: /a\n  origins: &o [ https://a.example ]\n- <<:   *a\n  origins: *o\n",
			"rules:\n  - &a\n    path: /a\n    origins: &o [https://a.example]\n  - <<: *a\n    origins: *o\n"},
		{"lists in lists", "rules:\n- - a\n  - - b\n", "rules:\n  - - a\n    - - b\n"},
		{"nothing", "rules:\n- methods:\n-\n", "rules:\n  - methods:\n  -\n"},
		{"braces at the top", `{"rules": []}`, "rules: []\n"},
		{"empty braces", "# none\n{}", "# none\n{}\n"},
		{"document markers, BOM and CRLF", "\ufeff---\r\nrules: []\r\n...\r\n", "rules: []\n"},
		{"several lines", "rules:\n- path: >-\n    /a\n  host: 'a\n    b'\n", "rules:\n  - path: \"/a\"\n    host: \"a b\"\n"},
		{"keys that do not exist", "rule:\n    - Path: 5\n", "rule:\n  - Path: 5\n"},
		{"numbers", "rules: [0x1F, 1_000, 1e3, .5, true, ~, null]\n", "rules: [0x1F, 1_000, 1e3, .5, true, ~, null]\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := policyfile.Format([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			again, err := policyfile.Format(got)
			if err != nil || string(again) != string(got) {
				t.Errorf("laid out again (%v):\n%s", err, again)
			}
		})
	}
}

func TestFormatProblems(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", "1:1 the file is empty (begin with rules:)"},
		{"unquoted star", "rules: [*]\n", `1:9 * begins an alias in YAML (write "*" in quotes)`},
		{"syntax", "rules: [\n", "1:8 the list in brackets does not end (close it with ])"},
		{"UTF-16", "\xff\xfer\x00", "1:1 the file is UTF-16 (save it as UTF-8; in PowerShell, corsac … | Out-File -Encoding utf8 corsac.yaml)"},
		{"tags and anchors further in", "rules:\n- &a.b c\n- !t d\n- {e: !t f}\n- &g !t h\n", `2:3 this anchor has no proper name (name it with letters and digits)
3:3 this has no meaning in a policy file (put it in quotes if it is a value)
4:7 this has no meaning in a policy file (put it in quotes if it is a value)
5:6 this has no meaning in a policy file (put it in quotes if it is a value)`},
		{"anchors before keys", "rules:\n- &a path: /a\n", "2:3 a key is a word, and this is none (write the anchor of a mapping on a line of its own, above its keys)"},
		{"tags", "rules: !!seq []\n", "1:8 this has no meaning in a policy file (put it in quotes if it is a value)"},
		{"keys that are no words", "1: a\n[b]: c\n", "2:4 this cannot be a key (put it in quotes if it is a value)"},
		{"numbers for keys", "1: a\n2: b\n", "1:1 a key is a word, and this is none\n2:1 a key is a word, and this is none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := policyfile.Format([]byte(tt.in))
			if diff := cmp.Diff(tt.want, told(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
