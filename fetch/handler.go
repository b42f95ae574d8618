package fetch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/corsac-cors/corsac/internal/http1"
)

// Handler is a transport on which h answers in this process, without a socket.
// Every host and scheme leads to it. The handler runs in the goroutine that
// fetches; a panic in it closes the connection, as in net/http.
func Handler(h http.Handler) Transport { return handlerTransport{h} }

type handlerTransport struct{ handler http.Handler }

// RoundTrip lets the handler answer.
func (t handlerTransport) RoundTrip(ctx context.Context, w *WireRequest) (answer *WireResponse, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	raw, err := http1.AppendRequestHead(make([]byte, 0, 512), &w.Head)
	if err != nil {
		return nil, err
	}
	answer = &WireResponse{RequestHead: string(raw), Protocol: "HTTP/1.1"}
	recorder := &recorder{header: make(http.Header, 8), method: w.Head.Method}
	if err := recorder.serve(t.handler, httpRequest(ctx, w)); err != nil {
		return answer, err
	}
	answer.Interim = recorder.interim
	answer.Head = recorder.head()
	if raw, err = http1.AppendResponseHead(raw[:0], &answer.Head); err != nil {
		return answer, err
	}
	answer.Head.Raw = string(raw)
	if recorder.body != nil {
		answer.Body = &memoryBody{recorder.body}
	}
	return answer, nil
}

// httpRequest is what net/http's server would have made of the message.
func httpRequest(ctx context.Context, w *WireRequest) *http.Request {
	header := make(http.Header, len(w.Head.Header))
	room := make([]string, len(w.Head.Header)) // for the values of all names
	host := ""
	for _, f := range w.Head.Header {
		if host == "" && asciiEqualFold(f.Name, "host") {
			host = f.Value
			continue
		}
		name := textproto.CanonicalMIMEHeaderKey(f.Name)
		if values := header[name]; values != nil {
			header[name] = append(values, f.Value)
			continue
		}
		room[0] = f.Value
		header[name], room = room[:1:1], room[1:]
	}
	u, err := url.ParseRequestURI(w.Head.Target)
	if err != nil {
		u = &url.URL{Path: w.URL.Path, RawQuery: w.URL.Query}
	}
	r := &http.Request{
		Method: w.Head.Method, URL: u, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Host: host, RequestURI: w.Head.Target, RemoteAddr: "192.0.2.1:1234",
		Body: http.NoBody, ContentLength: int64(len(w.Body)),
	}
	if len(w.Body) > 0 {
		r.Body = io.NopCloser(bytes.NewReader(w.Body))
	}
	return r.WithContext(ctx) // a copy, but then the first one is not on the heap
}

// recorder is an http.ResponseWriter that keeps what is written as net/http
// would send it.
type recorder struct {
	header  http.Header
	method  string
	status  int
	sent    Header // the header when the head was written
	flushed bool
	interim []ResponseHead
	body    []byte
}

func (w *recorder) serve(h http.Handler, r *http.Request) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: the handler panicked: %v", ConnectionClosed, p)
		}
	}()
	h.ServeHTTP(w, r)
	w.WriteHeader(http.StatusOK)
	return nil
}

// Header is the http.ResponseWriter's.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader is the http.ResponseWriter's.
func (w *recorder) WriteHeader(status int) {
	switch {
	case w.status != 0:
		return
	case status >= 100 && status <= 199 && status != http.StatusSwitchingProtocols:
		w.interim = append(w.interim, ResponseHead{Version: "HTTP/1.1", Status: status, Reason: http.StatusText(status), Header: fields(w.header)})
		return
	}
	w.status = status
	w.sent = fields(w.header) // what the handler sets from now on does not count
}

// Write is the http.ResponseWriter's.
func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if isNullBodyStatus(w.status) {
		return 0, http.ErrBodyNotAllowed
	}
	if w.method != http.MethodHead {
		w.body = append(w.body, p...)
	}
	return len(p), nil
}

// Flush is the http.Flusher's.
func (w *recorder) Flush() {
	w.WriteHeader(http.StatusOK)
	w.flushed = true
}

// head is the head that net/http's server would have sent, but for Date.
func (w *recorder) head() ResponseHead {
	h := w.sent
	if len(w.body) > 0 && !h.Has("Content-Type") && !h.Has("Content-Encoding") {
		h.Add("Content-Type", http.DetectContentType(w.body))
	}
	if !w.flushed && !isNullBodyStatus(w.status) && w.method != http.MethodHead && !h.Has("Content-Length") && !h.Has("Transfer-Encoding") {
		h.Add("Content-Length", strconv.Itoa(len(w.body)))
	}
	return ResponseHead{Version: "HTTP/1.1", Status: w.status, Reason: http.StatusText(w.status), Header: h}
}

var lineBreaks = strings.NewReplacer("\r", " ", "\n", " ")

// fields puts a header in the order in which net/http writes it, by name.
func fields(header http.Header) Header {
	h := make(Header, 0, len(header)+2)
	names := slices.AppendSeq(make([]string, 0, 16), maps.Keys(header))
	slices.Sort(names)
	for _, name := range names {
		for _, value := range header[name] {
			h = append(h, Field{Name: name, Value: trimTabSpace(lineBreaks.Replace(value))})
		}
	}
	return h
}

// memoryBody is what is left of a body that is there already.
type memoryBody struct{ rest []byte }

// take reads without copying: whoever made the body has no use for it any more.
func (m *memoryBody) take(most int) []byte {
	n := min(most, len(m.rest))
	taken := m.rest[:n:n]
	m.rest = m.rest[n:]
	return taken
}

// Read is the io.Reader's.
func (m *memoryBody) Read(p []byte) (int, error) {
	if len(m.rest) == 0 {
		return 0, io.EOF
	}
	return copy(p, m.take(len(p))), nil
}

// Close does nothing.
func (m *memoryBody) Close() error { return nil }
