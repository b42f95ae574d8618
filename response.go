package corsac

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// A response sets the decision's headers when the head is committed: as late as
// they can be set, so that nothing the handler does comes after.
type response struct {
	http.ResponseWriter
	head
	committed bool
	values    [mostValues]string // what the header map's new slices refer to
}

// mostValues is the most that a response's head takes: those of Allow-Origin,
// Timing-Allow-Origin, Allow-Credentials, Expose-Headers and Vary.
const mostValues = 5

// commit is called before whatever may write the head. Until the head is known
// to be written, it is done again: it leaves what it finds done.
func (w *response) commit() {
	if !w.committed {
		w.apply(w.Header(), w.values[:])
	}
}

// WriteHeader may be called for several informational responses before the
// final one.
func (w *response) WriteHeader(status int) {
	w.commit()
	w.committed = w.committed || status >= 200 || status == http.StatusSwitchingProtocols
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(b []byte) (int, error) {
	w.commit()
	w.committed = true
	return w.ResponseWriter.Write(b)
}

func (w *response) WriteString(s string) (int, error) {
	w.commit()
	w.committed = true
	return io.WriteString(w.ResponseWriter, s)
}

// ReadFrom lets the server send files without copying them. Reading nothing
// writes no head.
func (w *response) ReadFrom(r io.Reader) (int64, error) {
	w.commit()
	n, err := io.Copy(w.ResponseWriter, r)
	w.committed = w.committed || n > 0
	return n, err
}

// FlushError is what [http.ResponseController] flushes by, also where the inner
// writer has nothing but a FlushError of its own.
func (w *response) FlushError() error {
	w.commit()
	err := http.NewResponseController(w.ResponseWriter).Flush()
	w.committed = w.committed || err == nil
	return err
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
// writer of HTTP/1.1's server comes first, because most do.
func (w *response) as() http.ResponseWriter {
	_, pushes := w.ResponseWriter.(http.Pusher)
	switch w.ResponseWriter.(type) {
	case interface {
		http.Flusher
		http.Hijacker
		closeNotifier
	}:
		if pushes {
			return flusherHijackerPusherNotifier{flusherHijackerPusher{flusherHijacker{flusher{w}}}}
		}
		return flusherHijackerNotifier{flusherHijacker{flusher{w}}}
	case interface {
		http.Flusher
		http.Hijacker
	}:
		if pushes {
			return flusherHijackerPusher{flusherHijacker{flusher{w}}}
		}
		return flusherHijacker{flusher{w}}
	case interface {
		http.Flusher
		closeNotifier
	}:
		if pushes {
			return flusherPusherNotifier{flusherPusher{flusher{w}}}
		}
		return flusher{w}
	case http.Flusher:
		if pushes {
			return flusherPusher{flusher{w}}
		}
		return flusher{w}
	case http.Hijacker:
		return hijacker{w}
	}
	return w
}
