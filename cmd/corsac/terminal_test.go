package main

import (
	"bytes"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
)

func TestWantsColor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		env  map[string]string
		want bool
	}{
		{"nothing set", nil, true},
		{"a usual terminal", map[string]string{"TERM": "xterm-256color"}, true},
		{"NO_COLOR", map[string]string{"NO_COLOR": "1"}, false},
		{"NO_COLOR empty", map[string]string{"NO_COLOR": ""}, true},
		{"dumb terminal", map[string]string{"TERM": "dumb"}, false},
	} {
		if got := wantsColor(func(key string) string { return tt.env[key] }); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// What is not a terminal gets no colours, whatever the environment says.
func TestNoColorElsewhere(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if st := styleFor(&b); st.color || st.bad("x") != "x" {
		t.Error("colours in a buffer")
	}
}

// Colours repeat what the words say: without them nothing is lost.
func TestColorsAddNothing(t *testing.T) {
	t.Parallel()
	src := source{"a.yaml", []byte("rules:\n  - path: a\n")}
	p := corsac.Problem{Line: 2, Column: 11, Message: "wrong", Hint: "write right"}
	var plain, colored bytes.Buffer
	printProblem(&plain, style{}, src, p)
	printProblem(&colored, style{color: true}, src, p)
	bare := colored.String()
	for _, code := range []string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[36m"} {
		bare = strings.ReplaceAll(bare, code, "")
	}
	if bare != plain.String() || colored.Len() == plain.Len() {
		t.Errorf("plain:\n%s\ncolored:\n%q", plain.String(), colored.String())
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	data := []byte("first\n\tsecond é line\r\n\nlast\na\xffb\n0123456789x")
	for _, tt := range []struct {
		name               string
		line, column, room int
		text               string
		caret              int
		ok                 bool
	}{
		{"first line", 1, 1, 80, "first", 0, true},
		{"tab and CRLF", 2, 9, 80, " second é line", 8, true},
		{"empty line", 3, 1, 80, "", 0, false},
		{"last line", 4, 5, 80, "last", 4, true},
		{"column beyond the line", 4, 99, 80, "last", 4, true},
		{"line beyond the file", 9, 1, 80, "", 0, false},
		{"cut at the end", 2, 1, 10, " second é…", 0, true},
		{"cut at both ends", 2, 9, 10, "…cond é l…", 6, true},
		{"no room", 1, 1, 5, "", 0, false},
		{"not UTF-8", 5, 2, 80, "a\uFFFDb", 1, true},
		{"cut at the end of the line", 6, 11, 10, "…56789x", 6, true},
		{"as wide as the room", 6, 1, 11, "0123456789x", 0, true},
	} {
		text, caret, ok := excerpt(data, tt.line, tt.column, tt.room)
		if text != tt.text || caret != tt.caret || ok != tt.ok {
			t.Errorf("%s: %q, %d, %v, want %q, %d, %v", tt.name, text, caret, ok, tt.text, tt.caret, tt.ok)
		}
	}
}

func TestExcerptWithoutByteOrderMark(t *testing.T) {
	t.Parallel()
	if text, caret, _ := excerpt([]byte("\ufeffrulez: []\n"), 1, 3, 80); text != "rulez: []" || caret != 2 {
		t.Errorf("%q, %d", text, caret)
	}
}

func TestVisible(t *testing.T) {
	t.Parallel()
	if got, want := visible("a\tb\x1b[2J\x00\u202e é"), "a b\uFFFD[2J\uFFFD\uFFFD é"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	for _, tt := range []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"released", &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, "v1.2.3"},
		{"from a checkout", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"},
			Settings: []debug.BuildSetting{setting("vcs.revision", "0123456789abcdef"), setting("vcs.modified", "true")}},
			"unreleased-0123456789ab+changes"},
		{"from no checkout", &debug.BuildInfo{}, "unreleased"},
		{"without information", nil, "unknown"},
	} {
		if got := version(tt.info, tt.info != nil); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestHelpHasExamples: people read those first. They name flags that there are.
func TestHelpHasExamples(t *testing.T) {
	t.Parallel()
	for _, c := range newRoot(newTerminal(nil, nil, nil)).Commands() {
		if name := c.Name(); name == "version" || name == "help" || name == "completion" {
			continue
		}
		if !strings.HasPrefix(c.Example, "  corsac "+c.Name()) {
			t.Errorf("%s has no example", c.Name())
		}
		for _, flag := range regexp.MustCompile(` --?([a-z][a-z-]*)`).FindAllStringSubmatch(c.Example, -1) {
			if c.Flags().Lookup(flag[1]) == nil && c.Flags().ShorthandLookup(flag[1][:1]) == nil {
				t.Errorf("an example of %s has the flag %s, which it has not", c.Name(), flag[0])
			}
		}
	}
}
