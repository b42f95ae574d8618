package policyfile_test

import (
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
		{"brackets", "rules: [ {path: /a ,methods: [ PUT,DELETE ]} ]\n",
			"rules: [{path: /a, methods: [PUT, DELETE]}]\n"},
		{"brackets too long for a line", "rules:\n- headers: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, c]\n",
			"rules:\n  - headers:\n      - aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n      - bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n      - c\n"},
		{"brackets with comments", "rules:\n- headers: [ # all\n  a, # one\n  # two\n  b\n  # none\n  ] # end\n  timing: true\n",
			"rules:\n  - headers: # all\n      - a # one\n      # two\n      - b\n      # none\n      # end\n    timing: true\n"},
		{"comments above", "# file\n\n# rules\nrules:\n    # first\n  - path: /a\n# second\n  - path: /b\n",
			"# file\n\n# rules\nrules:\n  # first\n  - path: /a\n  # second\n  - path: /b\n"},
		{"comments behind", "rules:    # r\n- path: /a  # p\n  timing: true # t\n",
			"rules:    # r\n  - path: /a # p\n    timing: true # t\n"},
		{"aligned comments", "rules:\n  - path: /a       # p\n    timing: true   # t\n",
			"rules:\n  - path: /a       # p\n    timing: true   # t\n"},
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
