package differential

import (
	"bufio"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/http1"
)

// A Stage is the servers that pages and engines fetch from: raw ones, which send exactly the bytes they are
// told and see exactly those that were sent. All of them listen on 127.0.0.1.
type Stage struct {
	of      map[string]string // origins by the names of servers
	origins *strings.Replacer // and the names by origins
	trusted *x509.CertPool

	listeners []net.Listener
	serving   sync.WaitGroup

	mu      sync.Mutex
	conns   map[net.Conn]bool // nil once the stage is closed
	runs    int
	playing map[string]*run
	batch   []byte // what the page is to fetch next
	// What the browser says of itself, in the request for the page.
	userAgent, language string
}

// A server's scheme is empty if it is the page's.
type server struct{ name, scheme, host string }

// PlainHost is a host over plain HTTP that no browser trusts, as they trust "localhost".
const PlainHost = "plain.test"

var servers = []server{
	{"page", "", "127.0.0.1"}, {"o1", "", "127.0.0.1"}, {"o2", "", "localhost"},
	{"http", "http", "127.0.0.1"}, {"https", "https", "localhost"}, {"plain", "http", PlainHost},
}

// A run is a case that is being fetched.
type run struct {
	id   string
	kase *Case
	fill func(string) string
	log  []string
}

// NewStage starts the servers. The scheme, "http" or "https", is that of the page and those around it.
func NewStage(scheme string) (*Stage, error) {
	s := &Stage{of: make(map[string]string), conns: make(map[net.Conn]bool), playing: make(map[string]*run)}
	own, pool, err := certificate("127.0.0.1", "localhost")
	if err != nil {
		return nil, err
	}
	s.trusted = pool
	var origins []string
	for _, server := range servers {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			s.Close()
			return nil, err
		}
		origin := fmt.Sprintf("%s://%s:%d", cmp.Or(server.scheme, scheme), server.host, l.Addr().(*net.TCPAddr).Port)
		if strings.HasPrefix(origin, "https:") {
			l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{own}})
		}
		s.listeners = append(s.listeners, l)
		s.of[server.name] = origin
		origins = append(origins, origin, "{"+server.name+"}")
		s.serving.Go(func() { s.accept(l, server.name) })
	}
	s.origins = strings.NewReplacer(origins...)
	return s, nil
}

// PageURL is the page that fetches for InBrowser.
func (s *Stage) PageURL() string { return s.of["page"] + "/run" }

// cookies are what the browser keeps for the page's host.
func (s *Stage) cookies() []string {
	all := []string{"seen=1; Path=/c/"}
	if strings.HasPrefix(s.of["page"], "https:") {
		all = append(all, "safe=1; Path=/c/; Secure", "none=1; Path=/c/; Secure; SameSite=None", "strict=1; Path=/c/; SameSite=Strict")
	}
	return all
}

// Close ends the servers and all connections.
func (s *Stage) Close() {
	for _, l := range s.listeners {
		l.Close()
	}
	s.mu.Lock()
	for conn := range s.conns {
		conn.Close()
	}
	s.conns = nil
	s.mu.Unlock()
	s.serving.Wait()
}

func (s *Stage) accept(l net.Listener, server string) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		if s.keep(conn) {
			s.serving.Go(func() { s.serve(conn, server) })
		}
	}
}

func (s *Stage) keep(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns == nil {
		conn.Close()
		return false
	}
	s.conns[conn] = true
	return true
}

func (s *Stage) serve(conn net.Conn, server string) {
	defer func() {
		conn.Close()
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
	}()
	r := http1.NewReader(bufio.NewReader(conn))
	for {
		var head http1.RequestHead
		if err := r.ReadRequestHead(&head); err != nil {
			return
		}
		framing, err := head.Framing()
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body(framing))
		if err != nil {
			return
		}
		text, last := s.respond(server, &head, len(body))
		if _, err := io.WriteString(conn, text); err != nil || last {
			return
		}
	}
}

// respond returns what is sent, and whether the connection ends with it.
func (s *Stage) respond(server string, r *http1.RequestHead, body int) (text string, last bool) {
	path, _, _ := strings.Cut(r.Target, "?")
	switch path {
	case "/run":
		s.mu.Lock()
		defer s.mu.Unlock()
		s.userAgent, _ = r.Header.Get("User-Agent")
		s.language, _ = r.Header.Get("Accept-Language")
		lines := []string{"Content-Type: text/html"}
		for _, cookie := range s.cookies() {
			lines = append(lines, "Set-Cookie: "+cookie)
		}
		return respond(r, 200, runPage, lines...), false
	case "/run.js":
		return respond(r, 200, runScript, "Content-Type: text/javascript"), false
	case "/batch":
		s.mu.Lock()
		defer s.mu.Unlock()
		return respond(r, 200, string(s.batch), "Content-Type: application/json", "Cache-Control: no-store"), false
	}
	parts := strings.Split(path, "/") // "", "c", id, hop
	if len(parts) != 4 || parts[1] != "c" {
		return respond(r, 404, ""), false
	}
	return s.play(server, parts[2], parts[3], r, body)
}

// play answers a request of a case.
func (s *Stage) play(server, id, hop string, r *http1.RequestHead, body int) (text string, last bool) {
	s.mu.Lock()
	playing := s.playing[id]
	n, err := strconv.Atoi(hop)
	if playing == nil || err != nil {
		s.mu.Unlock()
		return respond(r, 404, ""), false
	}
	playing.log = append(playing.log, s.entry(playing.kase, server, hop, r, body))
	s.mu.Unlock()

	answer := playing.kase.answer(n, isPreflight(r))
	said := func(name string) string { value, _ := r.Header.Get(name); return value }
	origin := said("Origin")
	if origin == "" {
		origin = "none"
	}
	asked := strings.NewReplacer("{origin}", origin,
		"{acrm}", said("Access-Control-Request-Method"), "{acrh}", said("Access-Control-Request-Headers"))
	if answer.Raw != "" {
		return asked.Replace(bytesOf(playing.fill(answer.Raw))), true
	}
	lines := make([]string, len(answer.Lines), len(answer.Lines)+1)
	for i, line := range answer.Lines {
		lines[i] = asked.Replace(bytesOf(playing.fill(line)))
	}
	// No HTTP cache may answer for the server: the engine has none.
	return respond(r, answer.Status, "x", append(lines, "Cache-Control: no-store")...), false
}

func respond(r *http1.RequestHead, status int, body string, lines ...string) string {
	var b strings.Builder
	b.WriteString("HTTP/1.1 " + strconv.Itoa(status) + " X\r\n")
	for _, line := range lines {
		b.WriteString(line + "\r\n")
	}
	switch status {
	case 204, 304:
		body = ""
	case 205:
		body = ""
		b.WriteString("Content-Length: 0\r\n")
	default:
		b.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n")
	}
	if r.Method == "HEAD" {
		body = ""
	}
	return b.String() + "\r\n" + body
}

func isPreflight(r *http1.RequestHead) bool {
	return r.Method == "OPTIONS" && r.Header.Has("Access-Control-Request-Method")
}

// begin makes runs of the cases.
func (s *Stage) begin(cases []Case) []*run {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for name, origin := range s.of {
		names = append(names, "{"+name+"}", origin, "{"+name+":u}", withUser(origin))
	}
	runs := make([]*run, len(cases))
	for i := range cases {
		s.runs++
		id := fmt.Sprintf("r%07d", s.runs) // none is a part of another
		filler := strings.NewReplacer(append(names, "{id}", id)...)
		runs[i] = &run{id: id, kase: &cases[i], fill: filler.Replace}
		s.playing[id] = runs[i]
	}
	return runs
}

func withUser(origin string) string { return strings.Replace(origin, "://", "://u:p@", 1) }

// end returns what the servers saw of a run, and forgets it.
func (s *Stage) end(r *run) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.playing, r.id)
	return r.log
}

// neutral puts the placeholders back into a text.
func (s *Stage) neutral(r *run, text string) string { return s.Neutral(r.id, text) }

// Neutral puts the placeholders back into a text about the run that has the id.
func (s *Stage) Neutral(id, text string) string {
	return strings.ReplaceAll(s.origins.Replace(text), id, "{id}")
}

// Play has the servers answer as in the case until end is called, and returns its calls as the engine takes
// them. The id is in their URLs.
func (s *Stage) Play(c *Case) (id string, requests []fetch.Request, end func()) {
	r := s.begin([]Case{*c})[0]
	for i := range c.Calls {
		requests = append(requests, s.request(r, &c.Calls[i]))
	}
	return r.id, requests, func() { s.end(r) }
}

// TLS is the configuration with which the servers' certificates are found good.
func (s *Stage) TLS() *tls.Config { return &tls.Config{RootCAs: s.trusted} }

func (s *Stage) setBatch(batch any) error {
	data, err := json.Marshal(batch)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batch = data
	return err
}

// bytesOf makes the bytes of a string of a script.
func bytesOf(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

// stringOf makes the string of a script of bytes.
func stringOf(b string) string {
	runes := make([]rune, len(b))
	for i := range len(b) {
		runes[i] = rune(b[i])
	}
	return string(runes)
}

var errResults = errors.New("the page did not return a result for each call")
