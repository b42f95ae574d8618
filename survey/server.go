package survey

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/internal/headers"
)

// A server is what can be asked: one on the network, or the model of one that a
// configuration makes.
type server interface {
	ask(ctx context.Context, r request) answer
}

// A request is one of those that a survey is made of.
type request struct {
	method string // OPTIONS or GET
	path   string // as it is on the wire
	origin string // "" for none
	// wantsMethod and wantsHeaders are what a preflight asks for.
	wantsMethod, wantsHeaders string
	upgrade                   bool // it begins a WebSocket
	fails                     bool // it is for something that is not there
}

// String is the request in words, for a witness.
func (r *request) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", r.method, r.path)
	if r.fails {
		b.WriteString(" (not found)")
	}
	if r.origin != "" {
		fmt.Fprintf(&b, " Origin: %s", r.origin)
	}
	if r.wantsMethod != "" {
		fmt.Fprintf(&b, " Access-Control-Request-Method: %s", r.wantsMethod)
	}
	if r.wantsHeaders != "" {
		fmt.Fprintf(&b, " Access-Control-Request-Headers: %s", r.wantsHeaders)
	}
	return b.String()
}

// An answer is a response's head.
type answer struct {
	err    error
	status int
	own    bool // the server in front gave it, and not the API; only models know
	fields []field
}

// A field is a header line, and where in a configuration it comes from.
type field struct {
	name, value string
	at          spot
}

// A spot is a place in a configuration, counted from 1, or nowhere.
type spot struct{ line, column int }

// values are the values of all lines of a name.
func (a *answer) values(name string) (values []string) {
	for _, f := range a.fields {
		if strings.EqualFold(f.name, name) {
			values = append(values, strings.Trim(f.value, " \t"))
		}
	}
	return values
}

// at is where the first line of a name comes from.
func (a *answer) at(name string) spot {
	for _, f := range a.fields {
		if strings.EqualFold(f.name, name) {
			return f.at
		}
	}
	return spot{}
}

// value is what a browser compares: the lines of a name joined by commas.
func (a *answer) value(name string) string { return strings.Join(a.values(name), ", ") }

// list are the parts of a header that is a list.
func (a *answer) list(name string) (list []string) {
	for _, v := range a.values(name) {
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.Trim(part, " \t"); part != "" && len(list) < mostEntries {
				list = append(list, part)
			}
		}
	}
	return list
}

// mostEntries is more than any list of a server has.
const mostEntries = 20000

func (a *answer) isOK() bool { return a.err == nil && a.status >= 200 && a.status <= 299 }

// passes reports whether a browser takes the answer to a preflight of the
// origin for one, whatever it lists.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch
func (a *answer) passes(origin string) bool {
	return a.isOK() && a.shares(origin) && a.isList(allowMethods) && a.isList(allowHeaders)
}

// isList reports whether a header is a list of names, if it is there.
func (a *answer) isList(name string) bool {
	return !slices.ContainsFunc(a.list(name), func(part string) bool { return !headers.IsName(part) })
}

// shares reports whether a browser lets a page of the origin read the answer.
//
// https://fetch.spec.whatwg.org/#cors-check
func (a *answer) shares(origin string) bool {
	allow := a.value(allowOrigin)
	return a.err == nil && origin != "" && (allow == "*" || allow == origin)
}

// lists reports whether one of a header's parts is the name, in any case.
func (a *answer) lists(header, name string) bool {
	return slices.ContainsFunc(a.list(header), func(part string) bool { return strings.EqualFold(part, name) })
}

const (
	allowOrigin      = "Access-Control-Allow-Origin"
	allowCredentials = "Access-Control-Allow-Credentials"
	allowMethods     = "Access-Control-Allow-Methods"
	allowHeaders     = "Access-Control-Allow-Headers"
	exposeHeaders    = "Access-Control-Expose-Headers"
	maxAge           = "Access-Control-Max-Age"
	timingAllow      = "Timing-Allow-Origin"
)
