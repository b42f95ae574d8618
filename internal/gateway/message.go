package gateway

import (
	"cmp"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/corsac-cors/corsac/internal/http1"
)

// A message is a request on its way to an upstream.
type message struct {
	request *http.Request
	head    http1.RequestHead
	text    []byte // what is written next: the head first, with as much of the body as has been read
	content []byte // of a chunk
	left    int64  // of the body, to be read; inChunks: until its end

	asks    bool                  // whether the upstream will take the body, and sends it only then
	started bool                  // the rest is being written, and read for that, by another goroutine
	failure atomic.Pointer[error] // of reading it
}

// inChunks is the length of a body that nobody knows.
const inChunks = -1

var messages = sync.Pool{New: func() any { return &message{text: make([]byte, 0, bufferedHead)} }}

// firstRead is how much of a body is waited for before a line is taken: most
// have come as a whole with their heads.
const firstRead = 16 << 10

// newMessage writes a request down.
func newMessage(r *http.Request) (*message, error) {
	m := messages.Get().(*message)
	m.request, m.left, m.asks, m.started = r, 0, asks(r), false
	if hasContent(r) {
		m.left = r.ContentLength
	}
	m.head = http1.RequestHead{Method: r.Method, Target: r.URL.RequestURI(), Header: m.head.Header[:0]}
	m.addHeader()
	var err error
	m.text, err = http1.AppendRequestHead(m.text[:0], &m.head)
	if err != nil || m.left <= 0 || m.asks {
		return m, err // of chunks, the first may be long in coming
	}
	return m, m.read()
}

func hasContent(r *http.Request) bool { return r.Body != nil && r.Body != http.NoBody }

// usuallyHasContent is about methods for which upstreams want to be told when
// there is none.
func usuallyHasContent(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// asks reports whether a client waits to be told that its body is wanted.
func asks(r *http.Request) bool {
	expected := r.Header["Expect"]
	return hasContent(r) && len(expected) == 1 && strings.EqualFold(expected[0], "100-continue")
}

func (m *message) addHeader() {
	r, h := m.request, &m.head.Header
	h.Add("Host", cmp.Or(r.Host, r.URL.Host))
	h.Add("Connection", "keep-alive") // as browsers do: Apache then says for how long
	for name, values := range r.Header {
		if isWrittenApart(name) || name == "User-Agent" && strings.Join(values, "") == "" {
			continue
		}
		for _, v := range values {
			h.Add(name, strings.Trim(v, " \t"))
		}
	}
	switch {
	case m.left == inChunks:
		h.Add("Transfer-Encoding", "chunked")
		if len(r.Trailer) > 0 {
			h.Add("Trailer", strings.Join(slices.Sorted(maps.Keys(r.Trailer)), ", "))
		}
	case m.left > 0 || usuallyHasContent(r.Method):
		h.Add("Content-Length", strconv.FormatInt(m.left, 10))
	}
}

func isWrittenApart(name string) bool {
	return name == "Host" || name == "Content-Length" || name == "Transfer-Encoding" || name == "Trailer"
}

// read adds to the text what comes next of the body. It fails if that ends
// before its length.
func (m *message) read() error {
	if m.left == inChunks {
		return m.readChunk()
	}
	size := len(m.text)
	m.text = slices.Grow(m.text, int(min(m.left, firstRead)))
	room := m.text[size:cap(m.text)]
	n, err := io.ReadAtLeast(m.request.Body, room[:min(int64(len(room)), m.left)], 1)
	m.text = m.text[:size+n]
	if m.left -= int64(n); m.left == 0 {
		return nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (m *message) readChunk() error {
	if m.content == nil {
		m.content = make([]byte, firstRead)
	}
	n, err := m.request.Body.Read(m.content)
	m.text = http1.AppendChunk(m.text, m.content[:n])
	if err == io.EOF {
		m.left = 0
		m.text, err = http1.AppendLastChunk(m.text, m.trailer())
	}
	return err
}

// trailer is known at the body's end.
func (m *message) trailer() (trailer http1.Header) {
	for _, name := range slices.Sorted(maps.Keys(m.request.Trailer)) {
		for _, v := range m.request.Trailer[name] {
			trailer.Add(name, strings.Trim(v, " \t"))
		}
	}
	return trailer
}

// whole reports whether everything has been read that there is to send.
func (m *message) whole() bool { return m.left == 0 }

// repeatable reports whether the message can be sent once more where nobody
// knows what became of it.
func (m *message) repeatable() bool {
	switch m.head.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return m.whole()
	}
	return false
}

// start has the rest written while the response is read, as the upstream may
// answer before it has all. Its end may be long in coming.
func (m *message) start(l *line) {
	m.started = true
	l.allow(0)
	l.pending.Add(1)
	go m.sendRest(l)
}

func (m *message) sendRest(l *line) {
	defer m.request.Body.Close()
	for !m.whole() {
		m.text = m.text[:0]
		if err := m.read(); err != nil {
			m.failure.Store(&err)
			l.breakOff()
			break
		}
		if _, err := l.conn.Write(m.text); err != nil {
			// There may be a response that says why.
			l.unfit.Store(true)
			break
		}
	}
	l.release()
}

// end is called when nothing more will be sent, and nobody else uses the message.
func (m *message) end() {
	if hasContent(m.request) {
		m.request.Body.Close()
	}
	if cap(m.text) <= 2*firstRead {
		clear(m.head.Header)
		m.request = nil
		messages.Put(m)
	}
}
