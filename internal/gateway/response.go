package gateway

import (
	"bufio"
	"net"
	"net/http"
	"strings"
	"time"
)

// A response counts what is written to the client, and does not wait without
// end for a client that does not take it. http.Server.WriteTimeout would cut
// streams however well they flow, so each write is timed for itself.
type response struct {
	http.ResponseWriter
	stall    stall
	wait     time.Duration
	http1    bool
	hints    bool // the client knows of interim responses
	status   int
	bytes    int64
	err      error // the client's connection failed
	hijacked bool
	taken    *stall // what the client sends through a tunnel, by the upstream
	body     *body  // of the request, if it has gone to an upstream
	spelling spelling
}

func newResponse(w http.ResponseWriter, r *http.Request, wait time.Duration) response {
	rc := http.NewResponseController(w)
	return response{ResponseWriter: w, http1: r.ProtoMajor == 1, hints: r.ProtoAtLeast(1, 1), wait: wait, stall: stall{wait: wait, cut: func() { rc.SetWriteDeadline(past) }}}
}

func (w *response) WriteHeader(status int) {
	if status < 200 && status != http.StatusSwitchingProtocols {
		w.hint(status)
		return
	}
	if w.status == 0 && status >= 200 {
		w.begin(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

// hint passes an interim response on, from which ReverseProxy has not taken what
// concerns the upstream's connection only. It is written at once.
func (w *response) hint(status int) {
	if status == http.StatusContinue || !w.hints {
		return // the server itself says 100, when the body is first read
	}
	dropHops(w.Header())
	w.Header().Del("Alt-Svc")
	w.stall.begin()
	defer w.stall.finish()
	w.ResponseWriter.WriteHeader(status)
}

// dropHops removes what is about one connection.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
func dropHops(h http.Header) {
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			h.Del(strings.Trim(name, " \t"))
		}
	}
	for _, name := range []string{"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"} {
		delete(h, name)
	}
}

// begin is called before a head is written. If it comes before the end of the
// request's body, the server may have no use for the connection afterwards: in
// full duplex, net/http panics when it finds that end itself. A client that is
// not told would send it the next request.
func (w *response) begin(status int) {
	w.status = status
	if w.http1 && w.body != nil && !w.body.atEnd.Load() {
		w.Header().Set("Connection", "close")
	}
	if w.http1 {
		w.spelling.apply(w.Header())
	}
}

func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.begin(http.StatusOK)
	}
	w.stall.begin()
	defer w.stall.finish()
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	w.note(err)
	return n, err
}

// FlushError is for [http.ResponseController].
func (w *response) FlushError() error {
	w.stall.begin()
	defer w.stall.finish()
	err := http.NewResponseController(w.ResponseWriter).Flush()
	w.note(err)
	return err
}

// Flush is for those who ask for an http.Flusher.
func (w *response) Flush() { w.FlushError() }

// Hijack hands the connection over, for an upgrade to another protocol.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.status, w.hijacked = http.StatusSwitchingProtocols, true
	return &tunnel{conn, rw.Reader, w}, rw, nil
}

// A tunnel is the client's connection after an upgrade. Neither side's silence
// ends it, but that one takes nothing of what the other sends does: the other's
// end would not be noticed.
type tunnel struct {
	net.Conn
	early    *bufio.Reader // what the server has read already, which ReverseProxy leaves there
	response *response
}

func (t *tunnel) Read(p []byte) (int, error) {
	if n := t.early.Buffered(); n > 0 {
		return t.early.Read(p[:min(n, len(p))])
	}
	t.response.taken.finish()
	n, err := t.Conn.Read(p)
	t.response.taken.begin() // also at the end, which is to be the other side's end too
	return n, err
}

func (t *tunnel) Write(p []byte) (int, error) {
	t.response.stall.begin()
	defer t.response.stall.finish()
	return t.Conn.Write(p)
}

// Unwrap is for [http.ResponseController].
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *response) note(err error) {
	if err != nil && w.err == nil {
		w.err = err
	}
}

// end gives the server as much time for the last bytes as a write has. In HTTP/2
// there are none that it would have to wait for: all has been flushed.
func (w *response) end() {
	w.stall.end()
	if w.wait > 0 && w.http1 && !w.hijacked {
		http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(w.wait))
	}
}
