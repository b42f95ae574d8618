package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"io"
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
	text    []byte                // the head, and as much of the body as has been read
	left    int64                 // of the body, to be read
	failure atomic.Pointer[error] // of reading it
}

var messages = sync.Pool{New: func() any { return &message{text: make([]byte, 0, bufferedHead)} }}

// firstRead is how much of a body is waited for before a line is taken: most
// have come as a whole with their heads.
const firstRead = 16 << 10

// newMessage writes a request down.
func newMessage(r *http.Request) (*message, error) {
	m := messages.Get().(*message)
	m.request, m.left = r, 0
	m.head = http1.RequestHead{Method: r.Method, Target: r.URL.RequestURI(), Header: m.head.Header[:0]}
	m.head.Header.Add("Host", cmp.Or(r.Host, r.URL.Host))
	for name, values := range r.Header {
		if isWrittenApart(name) || name == "User-Agent" && strings.Join(values, "") == "" {
			continue
		}
		for _, v := range values {
			m.head.Header.Add(name, strings.Trim(v, " \t"))
		}
	}
	if hasContent(r) {
		m.left = r.ContentLength
	}
	if m.left > 0 || r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
		m.head.Header.Add("Content-Length", strconv.FormatInt(m.left, 10))
	}
	var err error
	if m.text, err = http1.AppendRequestHead(m.text[:0], &m.head); err != nil || m.left == 0 {
		return m, err
	}
	return m, m.begin()
}

func hasContent(r *http.Request) bool { return r.Body != nil && r.Body != http.NoBody }

func isWrittenApart(name string) bool {
	return name == "Host" || name == "Content-Length" || name == "Transfer-Encoding" || name == "Trailer"
}

// begin reads what has come of the body.
func (m *message) begin() error {
	size := len(m.text)
	m.text = slices.Grow(m.text, int(min(m.left, firstRead)))
	n, err := m.readBody(m.text[size:cap(m.text)])
	m.text = m.text[:size+n]
	return err
}

// readBody reads something into p, and fails if the body ends before its length.
func (m *message) readBody(p []byte) (int, error) {
	n, err := io.ReadAtLeast(m.request.Body, p[:min(int64(len(p)), m.left)], 1)
	if m.left -= int64(n); m.left == 0 {
		return n, nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
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

// errUnsent is for a line that took nothing.
var errUnsent = errors.New("the upstream hung up before the request")

// send writes what has been read. What is left is written while the response is
// read, as the upstream may answer before it has all.
func (m *message) send(l *line) error {
	n, err := l.conn.Write(m.text)
	if err != nil && n == 0 {
		err = fmt.Errorf("%w: %w", errUnsent, err)
	}
	if m.whole() {
		return err
	}
	if err != nil {
		closeBody(m.request)
		return err
	}
	l.pending.Add(1)
	go m.sendRest(l)
	return nil
}

func (m *message) sendRest(l *line) {
	defer m.request.Body.Close()
	for buffer := m.text[:cap(m.text)]; !m.whole(); {
		n, err := m.readBody(buffer)
		if err != nil {
			m.failure.Store(&err)
			l.fail()
			return
		}
		if _, err := l.conn.Write(buffer[:n]); err != nil {
			// There may be a response that says why.
			l.unfit.Store(true)
			break
		}
	}
	l.release()
}

// end is called when nothing more will be sent, and nobody else uses the message.
func (m *message) end() {
	closeBody(m.request)
	if cap(m.text) <= 2*firstRead {
		clear(m.head.Header)
		m.request = nil
		messages.Put(m)
	}
}
