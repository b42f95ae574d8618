package gateway

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

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
func checkForServer(h *http1.RequestHead) error {
	if _, err := url.ParseRequestURI(h.Target); err != nil && h.Method != http.MethodConnect {
		return &http1.Error{Kind: http1.BadTarget, Offset: int64(len(h.Method) + 1), Want: `a "%" only before two hexadecimal digits, and no control bytes`}
	}
	for _, f := range h.Header {
		if !httpguts.ValidHeaderFieldValue(f.Value) {
			return &http1.Error{Kind: http1.BadValue, Offset: int64(strings.Index(h.Raw, "\n"+f.Name+":") + 1), Want: "no control bytes"}
		}
	}
	if h.Header.Has("Expect") && !h.ExpectsContinue() {
		return &http1.Error{Kind: badExpect}
	}
	return nil
}

// requestFrom makes the best of a head that is none, so that policy, log and
// metrics can speak of it. Nothing of it goes to an upstream.
func requestFrom(c *gate) *http.Request {
	raw := c.head.Raw
	lines := strings.Split(raw[:strings.LastIndexByte(raw, '\n')+1], "\n") // what is cut off says nothing
	r := &http.Request{
		URL: &url.URL{Path: "/"}, Header: http.Header{}, Body: http.NoBody, RemoteAddr: c.RemoteAddr().String(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Close: true,
	}
	if start := strings.Fields(lines[0]); len(start) > 1 && httpguts.ValidHeaderFieldName(start[0]) {
		r.Method = start[0]
		r.URL.Path, _, _ = strings.Cut(start[1], "?")
		if u, err := url.ParseRequestURI(start[1]); err == nil {
			r.URL = u
		}
	}
	for _, f := range fieldsOf(lines[1:]) {
		r.Header.Add(f.Name, f.Value)
	}
	r.Host = r.Header.Get("Host")
	r.Header.Del("Host")
	if conn, ok := c.Conn.(*tls.Conn); ok {
		state := conn.ConnectionState()
		r.TLS = &state
	}
	return r
}

// fieldsOf takes for a field whatever somebody might: of an origin that is
// written in an odd way, or twice, no page has the name.
func fieldsOf(lines []string) (fields []http1.Field) {
	for _, line := range lines {
		text := strings.Trim(line, " \t\r")
		before, value, ok := strings.Cut(text, ":")
		name := strings.TrimRight(before, " \t")
		switch n := len(fields); {
		case n > 0 && text != "" && strings.ContainsAny(line[:1], " \t"):
			fields[n-1].Value += " " + text
		case ok && httpguts.ValidHeaderFieldName(name):
			fields = append(fields, http1.Field{Name: name, Value: before[len(name):] + strings.TrimLeft(value, " \t")})
		}
	}
	return fields
}

// An answer goes to a client that sent a malformed request, and is the last
// thing that happens on the connection.
type answer struct {
	conn   net.Conn
	status int
	header http.Header
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

// FlushError and SetWriteDeadline are for [http.ResponseController].
func (a *answer) FlushError() error { return nil }

func (a *answer) SetWriteDeadline(t time.Time) error { return a.conn.SetWriteDeadline(t) }

// A client that is still sending when its connection is closed loses the answer.
// So the rest is read for a while, and up to a size.
const (
	lingerTime = 500 * time.Millisecond
	lingerSize = 256 << 10
)

func (a *answer) send(r *http.Request) {
	a.header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	res := http.Response{
		StatusCode: a.status, ProtoMajor: 1, ProtoMinor: 1, Request: r, Close: true,
		Header: a.header, Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()),
	}
	var text bytes.Buffer
	res.Write(&text)
	if _, err := a.conn.Write(text.Bytes()); err != nil {
		return
	}
	a.conn.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, a.conn, lingerSize)
}
