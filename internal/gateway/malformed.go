package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/corsac-cors/corsac/internal/http1"
	"github.com/corsac-cors/corsac/policyfile"
)

// A malformed request is one that gets no further than the gate.
type malformed struct {
	status int
	detail string
}

func (m *malformed) Error() string { return m.detail }

// malformedBy puts into words why a head does not pass. It repeats nothing of
// the head: cookies that no script may read would else be read in the answer. It
// is nil where the connection has failed and nobody is there to be told.
func malformedBy(err error, limit int) *malformed {
	var fault *http1.Error
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &malformed{http.StatusRequestTimeout, "the request's head did not arrive in time"}
	case !errors.As(err, &fault) || fault.Kind == http1.Truncated:
		return nil
	case fault.Kind == http1.TooManyFields:
		return &malformed{fault.Kind.Status(), "the request has too many header fields"}
	case fault.Kind.Status() == http.StatusRequestHeaderFieldsTooLarge:
		return &malformed{fault.Kind.Status(), "the head of the request is larger than " + policyfile.Size(limit).String()}
	case fault.Kind == badExpect:
		return &malformed{http.StatusExpectationFailed, "the only expectation that can be met is 100-continue"}
	}
	detail := fmt.Sprintf("the request's head is malformed at byte %d (%s)", fault.Offset, fault.Kind)
	if fault.Want != "" {
		detail += "; the rule is: " + fault.Want
	}
	return &malformed{fault.Kind.Status(), detail}
}

var errNoHead = &http1.Error{Kind: http1.BadStartLine, Want: "a method at the start of the connection; if this is TLS, the port has none"}

// badExpect is what HTTP allows and nobody uses.
const badExpect http1.Kind = "expect"

// checkForServer finds what net/http would refuse in a head that is well-formed.
func checkForServer(h *http1.RequestHead) (*url.URL, error) {
	target, err := url.ParseRequestURI(h.Target)
	if err != nil && h.Method != http.MethodConnect {
		return nil, &http1.Error{Kind: http1.BadTarget, Offset: int64(len(h.Method) + 1), Want: `a "%" only before two hexadecimal digits, and no control bytes`}
	}
	for _, f := range h.Header {
		at := func() int64 { return int64(strings.Index(h.Raw, "\n"+f.Name+":") + 1) }
		switch {
		case !httpguts.ValidHeaderFieldValue(f.Value):
			return nil, &http1.Error{Kind: http1.BadValue, Offset: at(), Want: "no control bytes"}
		case strings.EqualFold(f.Name, "Trailer") && announcesFraming(f) && h.Header.Has("Transfer-Encoding"):
			return nil, &http1.Error{Kind: http1.BadTrailer, Offset: at(), Want: "no trailer that frames a message"}
		}
	}
	if !isExpected(h) {
		return nil, &http1.Error{Kind: badExpect}
	}
	return target, nil
}

func announcesFraming(f http1.Field) bool {
	return slices.ContainsFunc([]string{"Content-Length", "Trailer", "Transfer-Encoding"}, func(name string) bool {
		return http1.Header{f}.HasToken("Trailer", name)
	})
}

// isExpected is about the first line only, and about HTTP/1.0 too, which takes no
// notice of the one expectation that there is.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
func isExpected(h *http1.RequestHead) bool {
	i := slices.IndexFunc(h.Header, func(f http1.Field) bool { return strings.EqualFold(f.Name, "Expect") })
	return i < 0 || h.Header[i:i+1].HasToken("Expect", "100-continue")
}

// malformedInHTTP2 finds what net/http takes in HTTP/2, though it would be another
// request, or none, in HTTP/1, in which it goes on. It is nil if there is nothing.
//
// https://www.rfc-editor.org/rfc/rfc9113#section-8.1.1
func malformedInHTTP2(r *http.Request) *malformed {
	hosts := r.Header["Host"]
	switch {
	case !httpguts.ValidHeaderFieldName(r.Method):
		return &malformed{http.StatusBadRequest, "the method is not a token"}
	case r.Method != http.MethodConnect && !isPath(r):
		return &malformed{http.StatusBadRequest, `the path has to begin with a slash, and must not hold blanks or a "#"`}
	case r.Host == "" || !http1.IsHost(r.Host) || len(hosts) > 1 || len(hosts) == 1 && hosts[0] != r.Host:
		return &malformed{http.StatusBadRequest, "the request has to name one host"}
	case !isLength(r):
		return &malformed{http.StatusBadRequest, "the length of the body is not what the request says"}
	}
	return nil
}

func isPath(r *http.Request) bool {
	target := r.RequestURI
	return target == "*" && r.Method == http.MethodOptions || strings.HasPrefix(target, "/") && !strings.ContainsAny(target, " #")
}

// isLength is also about a body that is not there.
func isLength(r *http.Request) bool {
	said := r.Header["Content-Length"]
	if len(said) != 1 {
		return len(said) == 0
	}
	length, err := strconv.ParseUint(said[0], 10, 63)
	return err == nil && int64(length) == r.ContentLength
}

// requestFrom makes the best of a head that is none, so that policy, log and
// metrics can speak of it. Nothing of it goes to an upstream.
func requestFrom(c *gate) *http.Request {
	raw := c.head.Raw
	first, rest, _ := strings.Cut(raw[:strings.LastIndexByte(raw, '\n')+1], "\n") // what is cut off says nothing
	r := c.request(&http1.RequestHead{Header: fieldsOf(rest)}, &url.URL{Path: "/"})
	r.Close = true
	method, target, _ := strings.Cut(strings.Trim(first, " \t\r"), " ")
	target, _, _ = strings.Cut(strings.TrimLeft(target, " \t"), " ")
	if target != "" && httpguts.ValidHeaderFieldName(method) {
		r.Method = method
		r.URL.Path, _, _ = strings.Cut(target, "?")
		if u, err := url.ParseRequestURI(target); err == nil {
			r.URL = u
		}
	}
	return r
}

// What is made of a malformed head is bounded: a proper one has no more fields,
// and none that is folded says anything.
const (
	mostFields    = 4096
	longestFolded = 1 << 10
)

// fieldsOf takes for a field whatever somebody might: of an origin that is
// written in an odd way, or twice, no page has the name.
func fieldsOf(text string) (fields []http1.Field) {
	for line := range strings.SplitSeq(text, "\n") {
		text := strings.Trim(line, " \t\r")
		before, value, ok := strings.Cut(text, ":")
		name := strings.TrimRight(before, " \t")
		switch n := len(fields); {
		case n > 0 && text != "" && strings.ContainsAny(line[:1], " \t"):
			if last := &fields[n-1]; len(last.Value) < longestFolded {
				last.Value += " " + text
			}
		case n == mostFields:
			return fields
		case ok && httpguts.ValidHeaderFieldName(name):
			fields = append(fields, http1.Field{Name: name, Value: before[len(name):] + strings.TrimLeft(value, " \t")})
		}
	}
	return fields
}
