package pasted

import (
	"regexp"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// Redacted stands where a secret was. It means nothing in an address, a header
// or a shell.
const Redacted = "REDACTED"

// Redact returns the request without its secrets: the credentials in headers,
// addresses and body that can be known by their names or their form.
func Redact(r fetch.Request) fetch.Request {
	r.URL, r.Page, r.Referrer = RedactURL(r.URL), RedactURL(r.Page), RedactURL(r.Referrer)
	r.Header = RedactHeader(r.Header)
	r.Body = RedactBody(r.Body)
	return r
}

// RedactHeader returns the header lines without secrets, those of requests and
// of responses.
func RedactHeader(h fetch.Header) fetch.Header {
	redacted := slices.Clone(h)
	for i, f := range h {
		redacted[i].Value = RedactValue(f.Name, f.Value)
	}
	return redacted
}

// RedactValue returns the value of one header without secrets. What helps to
// understand the request stays: the scheme of credentials, the names of cookies
// and their attributes.
func RedactValue(name, value string) string {
	lower := strings.ToLower(name)
	switch {
	case value == Unknown || value == "" || strings.HasPrefix(lower, "access-control-") || lower == "www-authenticate":
		return value
	case lower == "cookie":
		return redactCookies(value, -1)
	case lower == "set-cookie":
		return redactCookies(value, 1)
	case lower == "authorization" || lower == "proxy-authorization":
		if scheme, _, ok := strings.Cut(value, " "); ok {
			return scheme + " " + Redacted
		}
		return Redacted
	case isSecretName(lower):
		return Redacted
	case strings.Contains(value, "://"):
		return RedactURL(value)
	}
	return redactTokens(value)
}

// redactCookies hides the values of the first n pairs, of all if n is negative.
func redactCookies(value string, n int) string {
	pairs := strings.Split(value, ";")
	for i, pair := range pairs {
		if n >= 0 && i >= n {
			break
		}
		if name, _, ok := strings.Cut(pair, "="); ok {
			pairs[i] = name + "=" + Redacted
		} else {
			pairs[i] = Redacted
		}
	}
	return strings.Join(pairs, ";")
}

// secretParts are what names of secrets are made of.
var secretParts = []string{
	"auth", "token", "secret", "passw", "pwd", "apikey", "api-key", "api_key", "session", "cookie", "credential",
	"signature", "csrf", "xsrf", "jwt", "otp",
}

func isSecretName(name string) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "key", "sig", "code", "sid", "state", "assertion", "pass", "pin":
		return true
	}
	if strings.HasSuffix(lower, "-key") || strings.HasSuffix(lower, "_key") {
		return true
	}
	return slices.ContainsFunc(secretParts, func(part string) bool { return strings.Contains(lower, part) })
}

// RedactURL returns the address without the secrets in its user part, its query
// and its fragment. It need not be one that parses.
func RedactURL(url string) string {
	url = userPart.ReplaceAllString(url, "${1}"+Redacted+"@")
	head, fragment, hasFragment := strings.Cut(url, "#")
	head, query, hasQuery := strings.Cut(head, "?")
	if hasQuery {
		head += "?" + redactPairs(query)
	}
	if hasFragment {
		head += "#" + redactPairs(fragment)
	}
	return redactTokens(head)
}

var userPart = regexp.MustCompile(`^(\s*[A-Za-z][A-Za-z0-9+.-]*:/*)[^/?#\s]*@`)

func redactPairs(query string) string {
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		if name, value, ok := strings.Cut(pair, "="); ok && value != "" && isSecretName(name) {
			pairs[i] = name + "=" + Redacted
		}
	}
	return strings.Join(pairs, "&")
}

// Tokens that are known by their form wherever they stand: JSON Web Tokens, and
// those with a prefix of their own.
var tokens = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?|` +
	`\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|sk-[A-Za-z0-9_-]{16,}|` +
	`sk_(?:live|test)_[A-Za-z0-9]{10,}|xox[abpr]-[A-Za-z0-9-]{10,}|AKIA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,})`)

func redactTokens(s string) string { return tokens.ReplaceAllString(s, Redacted) }

var (
	jsonMember = regexp.MustCompile(`("(?:[^"\\]|\\.)*")(\s*:\s*)("(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*)`)
	formPart   = regexp.MustCompile(`(?is)(form-data;[^\r\n]*?name="([^"]*)".*?\r?\n\r?\n)(.*?)(\r?\n--)`)
	formPair   = regexp.MustCompile(`^[^=&\s{}"]+=[^\s{}"]*$`)
)

// RedactBody returns a body without the values that have a secret's name, in
// JSON and in forms.
func RedactBody(body []byte) []byte {
	if len(body) == 0 {
		return body
	}
	text := string(body)
	switch trimmed := strings.TrimSpace(text); {
	case strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "["):
		text = jsonMember.ReplaceAllStringFunc(text, func(m string) string {
			parts := jsonMember.FindStringSubmatch(m)
			if !isSecretName(strings.Trim(parts[1], `"`)) {
				return m
			}
			return parts[1] + parts[2] + `"` + Redacted + `"`
		})
	case strings.HasPrefix(trimmed, "--"):
		text = formPart.ReplaceAllStringFunc(text, func(m string) string {
			parts := formPart.FindStringSubmatch(m)
			if !isSecretName(parts[2]) {
				return m
			}
			return parts[1] + Redacted + parts[4]
		})
	case formPair.MatchString(trimmed):
		text = redactPairs(text)
	}
	return []byte(redactTokens(text))
}
