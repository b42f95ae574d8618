package explain

import (
	"strings"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// curl is a command line that repeats the exchange at fault.
func (i *inquiry) curl() string {
	x := i.at()
	switch {
	case x == nil:
		return ""
	case x.Preflight:
		return i.preflightCurl(x)
	}
	r := i.q.Request
	if r.Origin == "" {
		r.Origin = i.page.String()
	}
	if !i.q.ShowSecrets {
		r = pasted.Redact(r)
	}
	return "curl -i" + strings.TrimPrefix(strings.ReplaceAll(pasted.Curl(r), " \\\n  ", " "), "curl")
}

// preflightCurl has what no script can set.
func (i *inquiry) preflightCurl(x *fetch.Exchange) string {
	words := []string{"curl", "-i", "-X", x.Request.Method, quoted(x.URL)}
	for _, f := range x.Request.Header {
		if i.isTellingRequest(f.Name) {
			words = append(words, "-H", quoted(f.Name+": "+i.shown(f)))
		}
	}
	return strings.Join(words, " ")
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
