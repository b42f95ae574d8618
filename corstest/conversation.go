package corstest

import (
	"fmt"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// conversation is what went over the wire, as far as it has to do with who may
// read what.
func conversation(t *Trial, showSecrets bool) (lines []string) {
	v := &t.Verdict
	for i := range v.Exchanges {
		x := &v.Exchanges[i]
		lines = append(lines, "> "+x.Request.Method+" "+printable(t.shortURL(x.URL, showSecrets)))
		lines = appendFields(lines, "> ", x.Request.Header, showSecrets)
		switch {
		case x.Response.Status != 0:
			lines = append(lines, strings.TrimRight(fmt.Sprintf("< %d %s", x.Response.Status, printable(x.Response.Reason)), " "))
			lines = appendFields(lines, "< ", x.Response.Header, showSecrets)
		case wasNotSent(v) && i == v.Failure.Exchange:
			lines = append(lines, "  (not sent)")
		default:
			lines = append(lines, "  (no answer)")
		}
	}
	return lines
}

// shortURL is a URL as it is shown: a path, where it is one of the target's.
func (t *Trial) shortURL(url string, showSecrets bool) string {
	for _, scheme := range []string{"http", "https"} {
		base := t.target
		base.Scheme = scheme
		if path, ok := strings.CutPrefix(url, base.String()); ok && strings.HasPrefix(path, "/") {
			url = path
		}
	}
	if showSecrets {
		return url
	}
	return withoutSecrets(url)
}

// noise are headers that browsers and servers always send, and that decide
// nothing here.
var noise = set(
	"accept", "accept-encoding", "accept-language", "cache-control", "connection", "content-length", "date", "host", "keep-alive",
	"pragma", "referer", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "user-agent",
	"x-content-type-options",
)

// harmless are headers whose values are no secrets.
var harmless = set(
	"accept", "accept-encoding", "accept-language", "allow", "cache-control", "connection", "content-encoding", "content-language",
	"content-length", "content-type", "date", "host", "origin", "pragma", "range", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site",
	"server", "timing-allow-origin", "user-agent", "vary", "via", "cross-origin-resource-policy",
)

func isHarmless(name string) bool {
	name = strings.ToLower(name)
	return harmless[name] || strings.HasPrefix(name, "access-control-")
}

// mostFields is as many lines of a head as are printed. Those that decide
// something have twice the room.
const mostFields = 30

func appendFields(lines []string, prefix string, h fetch.Header, showSecrets bool) []string {
	start, left := len(lines), 0
	for _, f := range h {
		if noise[strings.ToLower(f.Name)] {
			continue
		}
		most := mostFields
		if isHarmless(f.Name) {
			most *= 2
		}
		if len(lines)-start >= most {
			left++
			continue
		}
		lines = append(lines, prefix+printable(f.Name)+": "+printable(shown(f, showSecrets)))
	}
	if left > 0 {
		lines = append(lines, fmt.Sprintf("%s… and %d lines more", prefix, left))
	}
	return lines
}

// shown is a header's value, or what stands for it.
func shown(f fetch.Field, showSecrets bool) string {
	switch {
	case showSecrets, isHarmless(f.Name), f.Value == "":
		return f.Value
	case strings.EqualFold(f.Name, "Location"):
		return withoutSecrets(f.Value)
	}
	return fmt.Sprintf("(%d bytes)", len(f.Value))
}

// withoutSecrets leaves out what a URL may carry of them: user name and
// password, the fragment, and values of the query that are more than a word or
// a number.
func withoutSecrets(url string) string {
	url, _, _ = strings.Cut(url, "#")
	front, query, hasQuery := strings.Cut(url, "?")
	if scheme, rest, ok := strings.Cut(front, "://"); ok {
		authority, path, _ := strings.Cut(rest, "/")
		if at := strings.LastIndexByte(authority, '@'); at >= 0 {
			front = scheme + "://…" + authority[at:] + "/" + path
		}
	}
	if !hasQuery {
		return front
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		if name, value, ok := strings.Cut(part, "="); ok && mayBeSecret(name, value) {
			parts[i] = name + "=…"
		}
	}
	return front + "?" + strings.Join(parts, "&")
}

func mayBeSecret(name, value string) bool {
	const longestWord = 16
	name = strings.ToLower(name)
	for _, word := range []string{"token", "key", "secret", "pass", "pwd", "auth", "code", "sig", "session", "jwt", "credential", "otp", "pin"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return len(value) > longestWord
}

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}
