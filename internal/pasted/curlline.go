package pasted

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/headers"
)

// Curl prints a request as a command line for bash, as the browser would send
// it. Everything is quoted: no byte of the request means anything to the shell
// or to curl. Headers that a browser would not send are left out, and so is
// what a command line cannot carry: the credentials mode, the page's address.
// A body with a NUL byte is named as a file.
func Curl(r fetch.Request) string {
	url := absolute(r)
	parts := []string{"curl " + quote(url)}
	if strings.ContainsAny(url, "[]{}") {
		parts[0] = "curl -g " + quote(url)
	}
	add := func(option, value string) { parts = append(parts, option+" "+quote(value)) }
	switch method := fetch.NormalizeMethod(r.Method); {
	case method == "HEAD" && r.Body == nil:
		parts = append(parts, "-I")
	case method == "" || method == "GET" && r.Body == nil || method == "POST" && r.Body != nil:
	default:
		add("-X", method)
	}
	if r.Origin != "" && !hasBreak(r.Origin) {
		add("-H", "Origin: "+r.Origin)
	}
	if r.Mode != "" && headers.IsName(string(r.Mode)) {
		add("-H", "Sec-Fetch-Mode: "+string(r.Mode))
	}
	typed := false
	for _, h := range r.Header {
		if line, ok := headerArgument(h); ok {
			add("-H", line)
			typed = typed || strings.EqualFold(h.Name, "content-type")
		}
	}
	if r.Body != nil {
		parts = append(parts, bodyArguments(r, typed)...)
	}
	if len(parts) < 3 {
		return strings.Join(parts, " ")
	}
	return strings.Join(parts, " \\\n  ")
}

// absolute resolves the address as the page would.
func absolute(r fetch.Request) string {
	if u, err := fetch.ParseURL(r.URL); err == nil {
		return u.WithoutFragment()
	}
	page := r.Page
	if page == "" {
		page = r.Origin
	}
	if base, err := fetch.ParseURL(page); err == nil {
		if u, err := base.ParseURL(r.URL); err == nil {
			return u.WithoutFragment()
		}
	}
	return r.URL
}

func hasBreak(s string) bool { return strings.ContainsAny(s, "\x00\r\n") }

// headerArgument writes a header as curl wants it, an empty value with a
// semicolon. What is no header, or none that a script can set, is never sent.
func headerArgument(h fetch.Field) (string, bool) {
	value := strings.Trim(h.Value, " \t\r\n")
	switch {
	case !headers.IsName(h.Name), hasBreak(value), fetch.IsForbiddenRequestHeader(h.Name, value):
		return "", false
	case value == "":
		return h.Name + ";", true
	}
	return h.Name + ": " + value, true
}

func bodyArguments(r fetch.Request, typed bool) (parts []string) {
	switch {
	case typed:
	case r.BodyType != "" && !hasBreak(r.BodyType):
		parts = append(parts, "-H "+quote("Content-Type: "+r.BodyType))
	default:
		parts = append(parts, "-H 'Content-Type:'") // else curl sends one of its own
	}
	if strings.IndexByte(string(r.Body), 0) >= 0 {
		return append(parts, fmt.Sprintf("--data-binary @body # %d bytes", len(r.Body)))
	}
	return append(parts, "--data-raw "+quote(string(r.Body)))
}

// quote makes a word of bash: in plain quotes if it can be, else in $'…' with
// everything escaped that does not print.
func quote(s string) string {
	plain := func(r rune) bool { return r >= ' ' && r <= '~' && r != '\'' }
	if strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return "'" + s + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\'' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case plain(r) || r >= utf8.RuneSelf && unicode.IsPrint(r) && (r != utf8.RuneError || n > 1):
			b.WriteString(s[i : i+n])
		default:
			for _, c := range []byte(s[i : i+n]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		}
		i += n
	}
	return b.String() + "'"
}
