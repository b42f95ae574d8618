package explain

import (
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// isSecretName reports whether a header, or a part of a query, says who somebody
// is.
func isSecretName(name string) bool {
	const value = "name=value"
	return pasted.RedactValue(name, value) != value
}

// A cleaner makes the strings of a report fit for a terminal and for an issue:
// what cannot be seen is escaped, and secrets are left out. It goes over all of
// them in the end, because a place that is forgotten is a hole.
type cleaner struct{ secrets []string }

const hidden = pasted.Redacted

// learn remembers the secrets of a header.
func (c *cleaner) learn(h fetch.Header) {
	for _, f := range h {
		if isSecretName(f.Name) {
			c.learnValue(f.Value)
		}
	}
}

// learnValue takes "Bearer x" and "name=x; name=y" apart: each part may be
// printed alone.
func (c *cleaner) learnValue(value string) {
	c.keep(value)
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ' ' || r == ';' || r == ',' }) {
		c.keep(part)
		if _, after, ok := strings.Cut(part, "="); ok {
			c.keep(after)
		}
	}
}

func (c *cleaner) keep(secret string) {
	const shortest = 6 // less is a word that stands elsewhere too: "Basic", "Path=/"
	if len(secret) >= shortest && !isKnownWord(secret) {
		c.secrets = append(c.secrets, secret)
	}
}

func isKnownWord(s string) bool {
	switch strings.ToLower(s) {
	case "bearer", "digest", "negotiate", "secure", "httponly", "samesite", "partitioned", "samesite=none", "samesite=lax", "samesite=strict":
		return true
	}
	return false
}

// learnURL remembers what a query holds under a name that promises a secret.
func (c *cleaner) learnURL(raw string) {
	_, query, _ := strings.Cut(raw, "?")
	query, _, _ = strings.Cut(query, "#")
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if isSecretName(name) {
			c.keep(value)
		}
	}
}

// clean goes over every string of a report.
func (c *cleaner) clean(r *Report) { c.walk(reflect.ValueOf(r).Elem()) }

func (c *cleaner) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(visible(c.redact(v.String())))
	case reflect.Pointer:
		if !v.IsNil() {
			c.walk(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			c.walk(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.walk(v.Index(i))
		}
	}
}

func (c *cleaner) redact(s string) string {
	for _, secret := range c.secrets {
		s = strings.ReplaceAll(s, secret, hidden)
	}
	return s
}

// visible escapes what a terminal would obey, and what cannot be seen.
func visible(s string) string {
	clean := func(r rune) bool { return unicode.IsPrint(r) && r != utf8.RuneError }
	if strings.IndexFunc(s, func(r rune) bool { return !clean(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case clean(r):
			b.WriteString(s[:size])
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x` + strconv.FormatInt(int64(s[0])|0x100, 16)[1:])
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[size:]
	}
	return b.String()
}
