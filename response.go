package corsac

import (
	"bufio"
	"io"
	"net"
	"net/http"

	"github.com/corsac-cors/corsac/internal/headers"
)

// A response sets the decision's headers when the head is committed: as late as
// they can be set, so that nothing the handler does comes after.
type response struct {
	http.ResponseWriter
	committed bool
	// values are those of Vary and Allow-Origin, or "". They are also what the
	// header map's slices refer to, once committed.
	values [2]string
	more   *more // what few rules say besides, or nil
}

// more is the rest of what an allowed request's response says. It has a room of
// its own because the smaller a response is, the sooner it is made.
type more struct {
	rule   *rule
	values [3]string // of Allow-Credentials, Expose-Headers and Timing-Allow-Origin
}

func newResponse(w http.ResponseWriter, h *head) *response {
	return &response{ResponseWriter: w, values: [...]string{h.vary(), h.allow}}
}

func newLongResponse(w http.ResponseWriter, h *head) *response {
	both := &struct {
		response
		more
	}{response{ResponseWriter: w, values: [...]string{h.vary(), h.allow}}, more{rule: h.rule}}
	both.response.more = &both.more
	return &both.response
}

// commit sets the headers, once. It is called before whatever writes the head.
func (w *response) commit() {
	if !w.committed {
		w.committed = true
		w.apply(&w.values)
	}
}

// announce sets the headers before what may write the head, or another one
// before it. They are set again later: a copy goes out, so that what the handler
// does to it until then does not count.
func (w *response) announce() {
	if !w.committed {
		values := w.values
		w.apply(&values)
	}
}

// apply leaves what it finds done.
func (w *response) apply(values *[2]string) {
	h := w.ResponseWriter.Header()
	vary := values[:1:1]
	if vary[0] == "" {
		vary = nil
	}
	begin(h, vary)
	if values[1] != "" {
		h[headers.AllowOrigin] = values[1:]
		if w.more != nil {
			w.more.apply(h, values[1])
		}
	}
}

func (m *more) apply(h http.Header, allow string) {
	room := m.values[:]
	for _, f := range m.rule.response {
		room = put(h, f.Name, f.Value, room)
	}
	if m.rule.timing {
		dropTiming(h)
		put(h, headers.TimingAllowOrigin, allow, room)
	}
}

// WriteHeader may be called for several informational responses before the
// final one.
func (w *response) WriteHeader(status int) {
	if status < 200 {
		w.announce()
		w.inform(status)
		return
	}
	w.commit()
	w.ResponseWriter.WriteHeader(status)
}

// inform writes an informational response. In HTTP/2, net/http may read its
// header when WriteHeader has returned, if the client has left: it is given away
// as it is, and what is set later would end the program. Where there is a length,
// even one of no lines, net/http takes it off a copy.
//
// https://github.com/golang/go/issues/67940
func (w *response) inform(status int) {
	const contentLength = "Content-Length"
	h := w.ResponseWriter.Header()
	if _, ok := h[contentLength]; !ok && status != http.StatusSwitchingProtocols {
		h[contentLength] = nil
		defer delete(h, contentLength)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(b []byte) (int, error) {
	w.commit()
	return w.ResponseWriter.Write(b)
}

func (w *response) WriteString(s string) (int, error) {
	w.commit()
	return io.WriteString(w.ResponseWriter, s)
}

// ReadFrom lets the server send files without copying them. What comes first is
// copied, as net/http itself does: only when something has been read is the head
// due, and until then the headers are with whoever makes what is read.
func (w *response) ReadFrom(r io.Reader) (n int64, err error) {
	if !w.committed {
		const first = 512
		if n, err = io.CopyN(writerOnly{w}, r, first); err != nil {
			if err == io.EOF {
				err = nil
			}
			return n, err
		}
	}
	rest, err := io.Copy(w.ResponseWriter, r)
	return n + rest, err
}

// writerOnly hides ReadFrom from io.Copy, which would call it again.
type writerOnly struct{ io.Writer }

// FlushError is what [http.ResponseController] flushes by, also where the inner
// writer has nothing but a FlushError of its own. Before the first byte, a writer
// that compresses flushes nothing, and does not say so.
func (w *response) FlushError() error {
	w.announce()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap is for [http.ResponseController].
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// The types below have the optional methods of a ResponseWriter, each
// combination that servers and frameworks have, because handlers ask for them
// with type assertions. They are pointers in another dress: converting to one
// does not allocate.
type (
	flusher                       struct{ *response }
	hijacker                      struct{ *response }
	flusherHijacker               struct{ flusher }
	flusherPusher                 struct{ flusher }
	flusherNotifier               struct{ flusher }
	flusherHijackerPusher         struct{ flusherHijacker }
	flusherHijackerNotifier       struct{ flusherHijacker }
	flusherPusherNotifier         struct{ flusherPusher }
	flusherHijackerPusherNotifier struct{ flusherHijackerPusher }
)

func (w flusher) Flush() { w.FlushError() }

func (w hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

func (w flusherHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

func (w flusherPusher) Push(target string, opts *http.PushOptions) error { return w.push(target, opts) }

func (w flusherHijackerPusher) Push(target string, opts *http.PushOptions) error {
	return w.push(target, opts)
}

func (w flusherNotifier) CloseNotify() <-chan bool { return w.closeNotify() }

func (w flusherHijackerNotifier) CloseNotify() <-chan bool { return w.closeNotify() }

func (w flusherPusherNotifier) CloseNotify() <-chan bool { return w.closeNotify() }

func (w flusherHijackerPusherNotifier) CloseNotify() <-chan bool { return w.closeNotify() }

func (w *response) hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.ResponseWriter.(http.Hijacker).Hijack()
}

func (w *response) push(target string, opts *http.PushOptions) error {
	return w.ResponseWriter.(http.Pusher).Push(target, opts)
}

func (w *response) closeNotify() <-chan bool {
	return w.ResponseWriter.(closeNotifier).CloseNotify()
}

// closeNotifier is deprecated, and gin's streams end in a panic without it.
//
//lint:ignore SA1019 see above
type closeNotifier = http.CloseNotifier

// as returns the response with the optional methods of the inner writer. The
// writers of the servers come first, that of HTTP/1.1 before that of HTTP/2.
func (w *response) as() http.ResponseWriter {
	switch w.ResponseWriter.(type) {
	case interface {
		http.Flusher
		http.Hijacker
		http.Pusher
		closeNotifier
	}:
		return flusherHijackerPusherNotifier{flusherHijackerPusher{flusherHijacker{flusher{w}}}}
	case interface {
		http.Flusher
		http.Hijacker
		closeNotifier
	}:
		return flusherHijackerNotifier{flusherHijacker{flusher{w}}}
	case interface {
		http.Flusher
		http.Hijacker
		http.Pusher
	}:
		return flusherHijackerPusher{flusherHijacker{flusher{w}}}
	case interface {
		http.Flusher
		http.Hijacker
	}:
		return flusherHijacker{flusher{w}}
	case interface {
		http.Flusher
		http.Pusher
		closeNotifier
	}:
		return flusherPusherNotifier{flusherPusher{flusher{w}}}
	case interface {
		http.Flusher
		http.Pusher
	}:
		return flusherPusher{flusher{w}}
	case interface {
		http.Flusher
		closeNotifier
	}:
		return flusherNotifier{flusher{w}}
	case http.Flusher:
		return flusher{w}
	case http.Hijacker:
		return hijacker{w}
	}
	return w
}
