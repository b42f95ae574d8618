package fetch

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/corsac-cors/corsac/internal/headers"
)

// filter makes of a response what the page may see of it.
//
// https://fetch.spec.whatwg.org/#concept-filtered-response
func (f *fetching) filter(from *response) *Response {
	r := &f.request
	seen := &Response{Redirected: r.redirects > 0, TimingAllowed: !r.timingFailed}
	if from.typ == "" {
		from.typ = typeOfTainting(r.tainting)
	}
	seen.Type = from.typ
	switch from.typ {
	case Opaque:
		f.note(responseFiltering, "the response is opaque: status 0, no headers, no body")
		seen.Redirected = false
		f.hide(from)
		return seen
	case OpaqueRedirect:
		f.note(responseFiltering, "the redirect is opaque: status 0, no headers, no body")
		seen.URL = r.urlWithoutFragment()
		f.hide(from)
		return seen
	case CORSResponse:
		seen.Header = f.filterCORS(from.header)
	default:
		seen.Header = filterBasic(from.header)
	}
	if f.profile.MergesEmptyLines {
		seen.Header = mergeEmptyLines(seen.Header, "Location")
	}
	seen.URL, seen.Status, seen.StatusText = r.urlWithoutFragment(), from.status, from.reason
	seen.Body, seen.BodyFailure = f.readBody(from)
	return seen
}

func typeOfTainting(t tainting) ResponseType {
	switch t {
	case taintingCORS:
		return CORSResponse
	case taintingOpaque:
		return Opaque
	}
	return Basic
}

// https://fetch.spec.whatwg.org/#concept-filtered-response-basic
func filterBasic(h Header) Header {
	seen := make(Header, 0, len(h))
	for _, field := range h {
		if !headers.IsForbiddenResponse(field.Name) {
			seen = append(seen, field)
		}
	}
	return seen
}

// filterCORS leaves the headers that are safelisted or exposed. Here a list that
// is none is no network error: it exposes nothing.
//
// https://fetch.spec.whatwg.org/#concept-filtered-response-cors
func (f *fetching) filterCORS(h Header) Header {
	exposed := f.exposed(h)
	all := f.request.credentials != CredentialsInclude && slices.Contains(exposed, "*")
	seen := make(Header, 0, len(h))
	hidden := 0
	for _, field := range h {
		switch {
		case headers.IsForbiddenResponse(field.Name):
		case all, headers.IsSafelistedResponse(field.Name), containsFold(exposed, field.Name):
			seen = append(seen, field)
		default:
			hidden++
		}
	}
	said, _ := h.Get(headers.ExposeHeaders)
	f.note(responseFiltering, "the page reads the headers that are safelisted or exposed",
		fact(headers.ExposeHeaders, said), number("hidden headers", hidden))
	return seen
}

func (f *fetching) exposed(h Header) []string {
	list, bad, ok := extractTokens(h, headers.ExposeHeaders)
	if !ok && f.profile.ExposesAllBeforeFault && !f.in.XHR && slices.Contains(tokensBeforeFault(h, headers.ExposeHeaders), "*") {
		return []string{"*"}
	}
	if !ok {
		f.note(responseFiltering, "Access-Control-Expose-Headers is no list of tokens and exposes nothing", fact("not a token", bad))
	}
	return list
}

// readBody reads what the page gets. That it fails on the way does not unmake
// the response: a browser has given it to the page by then.
func (f *fetching) readBody(from *response) (body []byte, failure Kind) {
	defer f.end(from)
	if from.body == nil || isNullBodyStatus(from.status) || f.request.method == "HEAD" {
		return nil, ""
	}
	limit := f.agent.MaxBody
	if limit <= 0 {
		limit = defaultMaxBody
	}
	decoded, err := decode(from.body, from.header)
	if in, ok := decoded.(*memoryBody); ok {
		body = in.take(int(limit))
		return body, tooLarge(len(in.rest) > 0)
	}
	if err == nil {
		body, err = io.ReadAll(io.LimitReader(decoded, limit+1))
	}
	switch {
	case int64(len(body)) > limit:
		return body[:limit], ResponseTooLarge
	case err == nil, errors.Is(err, errEmptyBody):
		return body, ""
	}
	return body, kindOfError(f.ctx, err)
}

func tooLarge(is bool) Kind {
	if is {
		return ResponseTooLarge
	}
	return ""
}

var errEmptyBody = errors.New("the body is empty")

// decode undoes the content codings that were asked for. A body that is
// compressed without end is cut at the limit of bodies like any other.
func decode(body io.Reader, h Header) (io.Reader, error) {
	coding, ok := h.Get("Content-Encoding")
	if !ok {
		return body, nil
	}
	switch asciiLower(coding) {
	case "gzip", "x-gzip", "deflate":
	default:
		return body, nil
	}
	buffered := bufio.NewReader(body)
	start, err := buffered.Peek(2)
	if len(start) == 0 && errors.Is(err, io.EOF) {
		return nil, errEmptyBody
	}
	switch {
	case !asciiEqualFold(coding, "deflate"):
		return gzip.NewReader(buffered)
	case len(start) == 2 && start[0]&0x0F == 8 && (int(start[0])<<8|int(start[1]))%31 == 0:
		return zlib.NewReader(buffered)
	}
	return flate.NewReader(buffered), nil // what some servers take deflate for
}

// readFor reads at most limit bytes, and not longer than the time given.
func (f *fetching) readFor(limit time.Duration, from *response, most int) []byte {
	if in, ok := from.body.(*memoryBody); ok {
		return bytes.Clone(in.take(most)) // a part should not keep the whole
	}
	timer := time.AfterFunc(limit, from.stop)
	defer timer.Stop()
	var read bytes.Buffer
	_, _ = io.CopyN(&read, from.body, int64(most))
	return read.Bytes()
}
