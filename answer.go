package corsac

import (
	"strconv"
	"strings"

	"github.com/corsac-cors/corsac/internal/headers"
)

// A Field is one header field.
type Field struct{ Name, Value string }

// Status is the status of the answer if the policy gives it: 204 or 403. It is
// 0 if the handler answers.
func (d Decision) Status() int {
	switch {
	case d.Verdict == Refuse:
		return 403
	case d.Kind == Preflight:
		return 204
	}
	return 0
}

// A head is what the answer depends on, and what the head of the response says.
type head struct {
	rule      *rule
	allow     string // the value of Access-Control-Allow-Origin, or ""
	options   bool   // the method is OPTIONS
	preflight bool
}

// saysMore reports whether responses to allowed requests, but for preflights,
// have more than Vary and Allow-Origin.
func (r *rule) saysMore() bool { return r.timing || len(r.response) > 0 }

// AppendFields appends the header fields of the response, except Vary. They
// take the place of whatever CORS headers the response had: see
// [IsCORSHeader]. It allocates only if dst has no room.
func (d Decision) AppendFields(dst []Field) []Field {
	if d.allow == "" {
		return dst
	}
	dst = append(dst, Field{headers.AllowOrigin, d.allow})
	if d.preflight {
		return append(dst, d.rule.preflight...)
	}
	if d.rule.timing {
		dst = append(dst, Field{headers.TimingAllowOrigin, d.allow})
	}
	return append(dst, d.rule.response...)
}

// Vary is what the response's Vary header must list, because the answer
// depends on it: "", or names separated by commas.
func (d Decision) Vary() string { return d.vary() }

func (h *head) vary() string {
	switch {
	case h.options:
		return headers.Origin + ", " + headers.RequestMethod
	case h.rule == nil || h.rule.origins.Any():
		return ""
	}
	return headers.Origin
}

// IsCORSHeader reports whether a response header belongs to the policy, so that
// what a handler or an upstream server says in it does not count. The name may
// be in any case. Timing-Allow-Origin is not one; where the policy sends it, it
// replaces the handler's.
func IsCORSHeader(name string) bool { return headers.IsCORSResponse(name) }

// fields are those that do not depend on the request.
func (r *rule) fields() (preflight, response []Field) {
	if r.credentials {
		credentials := Field{headers.AllowCredentials, "true"}
		preflight = append(preflight, credentials)
		response = append(response, credentials)
	}
	add := func(fields []Field, name string, values []string) []Field {
		if len(values) == 0 {
			return fields
		}
		return append(fields, Field{name, strings.Join(values, ", ")})
	}
	preflight = add(preflight, headers.AllowMethods, r.methods)
	preflight = add(preflight, headers.AllowHeaders, r.allowHeaders)
	switch {
	case r.maxAge > 0:
		preflight = append(preflight, Field{headers.MaxAge, strconv.Itoa(int(r.maxAge.Seconds()))})
	case r.maxAge == NoCache:
		preflight = append(preflight, Field{headers.MaxAge, "0"})
	}
	return preflight, add(response, headers.ExposeHeaders, r.expose)
}
