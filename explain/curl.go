package explain

import (
	"strings"
)

// curl is a command line that repeats the exchange at fault.
func (i *inquiry) curl() string {
	x := i.at()
	if x == nil {
		return ""
	}
	words := []string{"curl", "-i"}
	if x.Request.Method != "GET" {
		words = append(words, "-X", x.Request.Method)
	}
	words = append(words, quoted(x.URL))
	for _, f := range x.Request.Header {
		if i.isTellingRequest(f.Name) {
			words = append(words, "-H", quoted(f.Name+": "+i.shown(f)))
		}
	}
	return strings.Join(words, " ")
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
