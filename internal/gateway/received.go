package gateway

import (
	"cmp"
	"io"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/corsac-cors/corsac/internal/http1"
)

// received is a response as http.Transport gives it, but for its body.
func received(r *http.Request, h *http1.ResponseHead, framing http1.Framing) *http.Response {
	res := &http.Response{
		Status:     strconv.Itoa(h.Status) + " " + h.Reason,
		StatusCode: h.Status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:  toHeader(h.Header),
		Body:    http.NoBody,
		Request: r,
	}
	if codings := res.Header["Transfer-Encoding"]; codings != nil { // also of HEAD
		res.TransferEncoding = codings
		res.Trailer = announced(res.Header["Trailer"])
		delete(res.Header, "Content-Length")
		delete(res.Header, "Transfer-Encoding")
		delete(res.Header, "Trailer")
	}
	if lines := res.Header["Content-Length"]; lines != nil {
		// They agree, and the client is to read no number in its own way.
		first, _, _ := strings.Cut(lines[0], ",")
		res.Header["Content-Length"] = []string{cmp.Or(strings.TrimLeft(strings.Trim(first, " \t"), "0"), "0")}
	}
	res.ContentLength = lengthOf(res, framing)
	return res
}

// lengthOf is how long a body is, or would be if there were one. Of what nobody
// knows it is -1.
func lengthOf(res *http.Response, framing http1.Framing) int64 {
	switch {
	case framing.Kind == http1.Length:
		return framing.Length
	case res.Request.Method == http.MethodHead:
		if n, err := strconv.ParseInt(res.Header.Get("Content-Length"), 10, 64); err == nil {
			return n
		}
		return -1
	case framing.Kind == http1.NoBody, framing.Kind == http1.Tunnel:
		return 0
	}
	return -1
}

// announced are the names of trailers that a response says it has.
func announced(lines []string) http.Header {
	var trailer http.Header
	for name := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		if name = strings.Trim(name, " \t"); !httpguts.ValidTrailerHeader(name) || !isToken([]byte(name)) {
			continue
		}
		if trailer == nil {
			trailer = make(http.Header)
		}
		trailer[http.CanonicalHeaderKey(name)] = nil
	}
	return trailer
}

// A responseBody is the body of a response.
type responseBody struct {
	line     *line // nil: it has been released
	from     *http1.Body
	response *http.Response
	err      error
}

func (c *responseBody) Read(p []byte) (int, error) {
	if c.line == nil {
		return 0, c.err
	}
	n, err := c.from.Read(p)
	if err == nil {
		return n, nil
	}
	if c.err = err; err != io.EOF {
		c.err = cause(c.response.Request, err)
		c.line.fail()
	} else {
		c.trailers()
		c.line.finish()
	}
	c.line, c.from = nil, nil
	return n, c.err
}

func (c *responseBody) trailers() {
	for _, f := range c.from.Trailer() {
		if c.response.Trailer == nil {
			c.response.Trailer = make(http.Header)
		}
		c.response.Trailer.Add(f.Name, f.Value)
	}
	if len(c.from.Forgiven()) > 0 {
		c.line.unfit.Store(true)
	}
}

// Close also ends a body that has not been read to its end.
func (c *responseBody) Close() error {
	if c.line != nil {
		c.line.fail()
		c.line, c.from, c.err = nil, nil, http.ErrBodyReadAfterClose
	}
	return nil
}
