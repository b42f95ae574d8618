package lab

import (
	"os"
	"strings"
	"testing"
)

// TestInstalled: ./test installs every component that there is.
func TestInstalled(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../../test")
	if err != nil {
		t.Fatal(err)
	}
	words := make(map[string]bool)
	for word := range strings.FieldsFuncSeq(string(script), func(r rune) bool { return strings.ContainsRune(" \t\n()=", r) }) {
		words[word] = true
	}
	for name, c := range components {
		switch {
		case c.tool != "":
			if !words[c.tool] {
				t.Errorf("./test does not build %s in %s", name, c.tool)
			}
		case c.npm != "":
			if !words[c.npm] {
				t.Errorf("./test does not install %s from npm", c.npm)
			}
		case !words[c.debian]:
			t.Errorf("./test does not install %s, for %s", c.debian, name)
		}
	}
}
