package survey

import (
	"fmt"
	"strings"

	"github.com/corsac-cors/corsac/internal/origins"
)

// The findings that concern who may read, one function each. Docs/import.md
// lists all.

func shown(r request, a *answer) string {
	parts := []string{r.String(), "→", fmt.Sprint(a.status)}
	for _, f := range a.fields {
		lower := strings.ToLower(f.name)
		if lower == "vary" || lower == "access-control-allow-origin" || lower == "access-control-allow-credentials" {
			parts = append(parts, f.name+": "+f.value)
		}
	}
	return strings.Join(parts, " ")
}

func shownGet(origin string, a *answer) string {
	return shown(request{method: "GET", path: "…", origin: origin}, a)
}

// witness is what shows that a page is allowed.
func (p *page) witness() string {
	if p.reads() || !p.asks() {
		return shownGet(p.origin, &p.get)
	}
	return shown(request{method: "OPTIONS", path: "…", origin: p.origin, wantsMethod: "GET"}, &p.preflight)
}

func reflectsWithCredentials(p *page) Finding {
	return Finding{
		Name: "reflects-with-credentials", Severity: Unsafe,
		Message: "every origin is allowed, with credentials: any site reads what its visitors may read",
		Advice:  "list the origins of your own pages; only those that were named are written", Witness: p.witness(),
	}
}

func reflects(p *page) Finding {
	return Finding{
		Name: "reflects", Severity: Note,
		Message: "whatever the origin is, it is sent back: that is \"*\", but no cache can keep it",
		Advice:  `written as "*"`, Witness: p.witness(),
	}
}

func starWithCredentials(a *answer) Finding {
	return Finding{
		Name: "star-with-credentials", Severity: Broken,
		Message: `"*" together with credentials: browsers keep responses to requests with credentials from every page`,
		Advice:  "list the origins if pages need credentials; written without them", Witness: shownGet(stranger, a),
	}
}

func nullAllowed(p *page) Finding {
	f := Finding{
		Name: "null", Severity: Note,
		Message: "the origin null is allowed, which any site can give itself with a sandboxed frame",
		Advice:  "leave it away; it is written as a comment", Witness: p.witness(),
	}
	if p.isCredentialed() {
		f.Severity = Unsafe
		f.Message += ", with credentials"
	}
	return f
}

func literalPattern(value string) Finding {
	return Finding{
		Name: "pattern-as-value", Severity: Broken,
		Message: fmt.Sprintf("%q is sent as it is, and browsers compare it byte for byte: no page is allowed by it", value),
		Advice:  "written as the pattern that it was meant to be",
	}
}

func noOrigin(value, meant string) Finding {
	f := Finding{
		Name: "no-origin", Severity: Broken,
		Message: fmt.Sprintf("%q is no origin as browsers send it: no page is allowed by it", value),
	}
	if meant != "" {
		f.Advice = "written as " + meant
	}
	return f
}

func everyHost(pattern string) Finding {
	return Finding{Name: "every-host", Severity: Note, Message: "every origin of the scheme is allowed", Advice: "written as " + pattern}
}

func oneLabel(pattern, refused string) Finding {
	return Finding{
		Name: "one-label", Severity: Note,
		Message: fmt.Sprintf("subdomains are allowed, but only those of one label; %s also stands for deeper ones, such as %s", pattern, refused),
		Advice:  "list the subdomains instead if that is too much",
	}
}

func noPattern(origin, expr string) Finding {
	return Finding{
		Name: "no-pattern", Severity: Note,
		Message: fmt.Sprintf("the expression %s allows origins such as %s, and there is no pattern for just those", expr, origin),
		Advice:  "list the origins that your pages have",
	}
}

func usualPort(pattern, refused string) Finding {
	return Finding{
		Name: "default-port", Severity: Note,
		Message: fmt.Sprintf("every port is allowed but the default one; %s also stands for %s", pattern, refused),
	}
}

func letsIn(t trick, like string, a *answer) Finding {
	f := Finding{Name: t.name, Severity: Unsafe, Witness: shownGet(t.origin, a), Advice: "it is not written"}
	switch t.name {
	case "more-behind":
		f.Message = fmt.Sprintf("with %s, an origin may go on at the end: whoever owns such a name is let in", like)
		f.Advice = "end an expression with $; it is not written"
	case "more-before":
		f.Message = fmt.Sprintf("with %s, something may stand before the domain, without a dot: whoever registers such a name is let in", like)
		f.Advice = "begin an expression with ^https://; it is not written"
	case "any-for-dot":
		f.Message = fmt.Sprintf("with %s, a dot stands for any character: whoever registers such a name is let in", like)
		f.Advice = "write \\. for a dot in an expression; it is not written"
	case "any-for-last-dot":
		f.Severity = Note
		f.Message = fmt.Sprintf("with %s, the last dot stands for any character: names without a dot are let in, which exist in networks of companies only", like)
	case "other-scheme":
		f.Message = fmt.Sprintf("%s is allowed, too", t.origin)
		f.Advice = "it is written as a comment"
		if strings.HasPrefix(t.origin, "http://") {
			f.Message += ": whoever is between the visitor and that page can read what it reads"
		}
	}
	return f
}

// repaired is what a value that is no origin can only have been meant as.
func repaired(value string) (meant string, ok bool) {
	s := strings.ToLower(strings.Trim(value, `"'`))
	s = strings.TrimRight(s, "/")
	if scheme, _, found := strings.Cut(s, "://"); found {
		s = strings.TrimSuffix(s, ":"+origins.DefaultPort(scheme))
	}
	if s == "*" || s == "null" {
		return "", false
	}
	_, err := origins.ParsePattern(s)
	return s, err == nil
}
