package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/corsac-cors/corsac/internal/http1"
	"github.com/corsac-cors/corsac/internal/lab"
)

// upstreams are servers as people have them. Each ends connections in its own
// way: after each response, after few, or by and by.
var upstreams = []struct {
	name    string
	start   func(t testing.TB) (url string)
	asked   []asked
	without []string // what the server leaves without an answer, or answers by chance
}{
	{"apache", startApache, slices.Concat(askedOfFiles, askedOfScripts), nil},
	{"nginx", startNginxWithFiles, askedOfFiles, nil},
	{"lighttpd", startLighttpd, askedOfFiles, nil},
	{"http.server of Python", startPython("files"), askedOfFiles, nil},
	{"wsgiref", startPython("wsgiref"), askedOfAPIs, []string{"PUT in chunks", "POST that asks"}},
	{"uvicorn", startPython("uvicorn"), askedOfAPIs, nil},
	{"PHP", startPHP, askedOfAPIs, []string{"POST that asks", "GET that is cut between pieces"}},
	{"Node", startNode, slices.Concat(askedOfAPIs, askedOfNode), nil},
	{"HAProxy before Node", startHAProxy, slices.Concat(askedOfAPIs, askedOfNode), []string{"POST that is refused", "PUT in chunks that is refused", "POST that asks and is refused"}},
}

// asked is a request.
type asked struct {
	name, method, target string
	size                 int // of the body; below zero there is none
	header               []string
	status               int // 0: servers differ
}

const (
	none     = -1
	packet   = 10
	large    = 1 << 20
	enormous = 20 << 20
)

var inChunks = []string{"Transfer-Encoding", "chunked"}

var askedOfAPIs = []asked{
	{"GET", "GET", "/plain", none, nil, 200},
	{"HEAD", "HEAD", "/plain", none, nil, 200},
	{"GET of nothing", "GET", "/nothing", none, nil, 200},
	{"GET of pieces", "GET", "/pieces", none, nil, 200},
	{"HEAD of pieces", "HEAD", "/pieces", none, nil, 200},
	{"GET of much", "GET", "/large", none, nil, 200},
	{"GET of a large head", "GET", "/lines", none, nil, 200},
	{"GET of cookies", "GET", "/cookies", none, nil, 200},
	{"GET of events", "GET", "/events", none, nil, 200},
	{"GET of a redirect", "GET", "/redirect", none, nil, 302},
	{"GET of 204", "GET", "/status?code=204", none, nil, 204},
	{"GET of 304", "GET", "/status?code=304", none, nil, 304},
	{"GET of 404", "GET", "/none", none, nil, 404},
	{"GET of 500", "GET", "/status?code=500", none, nil, 500},
	{"GET that is cut", "GET", "/cut", none, nil, 200},
	{"GET that is cut between pieces", "GET", "/cut-pieces", none, nil, 200},
	{"DELETE", "DELETE", "/echo", none, nil, 200},
	{"DELETE with a body", "DELETE", "/echo", packet, nil, 200},
	{"POST of nothing", "POST", "/echo", 0, nil, 200},
	{"POST", "POST", "/echo", packet, nil, 200},
	{"POST of much", "POST", "/echo", large, nil, 200},
	{"POST that asks", "POST", "/echo", large, []string{"Expect", "100-continue"}, 200},
	{"POST that is refused", "POST", "/refuse", large, nil, 413},
	{"PUT in chunks", "PUT", "/echo", large, inChunks, 200},
	{"PUT in chunks that is refused", "PUT", "/refuse", large, inChunks, 413},
}

var askedOfNode = []asked{
	{"GET after hints", "GET", "/hints", none, nil, 200},
	{"GET of a trailer", "GET", "/trailer", none, nil, 200},
	{"POST of very much", "POST", "/echo", enormous, nil, 200},
	{"POST that asks and is refused", "POST", "/refuse", large, []string{"Expect", "100-continue"}, 413},
}

var askedOfFiles = []asked{
	{"GET", "GET", "/plain.txt", none, nil, 200},
	{"HEAD", "HEAD", "/plain.txt", none, nil, 200},
	{"GET of nothing", "GET", "/nothing.txt", none, nil, 200},
	{"GET of much", "GET", "/large.txt", none, nil, 200},
	{"GET of gzip", "GET", "/large.txt", none, []string{"Accept-Encoding", "gzip"}, 200},
	{"HEAD of gzip", "HEAD", "/large.txt", none, []string{"Accept-Encoding", "gzip"}, 200},
	{"GET of a range", "GET", "/large.txt", none, []string{"Range", "bytes=5-99"}, 0},
	{"GET of no range", "GET", "/large.txt", none, []string{"Range", "bytes=5000000-"}, 0},
	{"GET if modified", "GET", "/large.txt", none, []string{"If-Modified-Since", "Wed, 21 Oct 2037 07:28:00 GMT"}, 0},
	{"GET of a folder", "GET", "/folder", none, nil, 301},
	{"GET of 404", "GET", "/none", none, nil, 404},
	{"GET of what cannot be reached", "GET", "/down/", none, nil, 0},
	{"DELETE", "DELETE", "/plain.txt", none, nil, 0},
	{"POST", "POST", "/plain.txt", packet, nil, 0},
	{"POST of much", "POST", "/plain.txt", large, nil, 0},
	{"PUT in chunks", "PUT", "/plain.txt", large, inChunks, 0},
}

var askedOfScripts = []asked{
	{"GET of a script", "GET", "/script", none, nil, 200},
	{"HEAD of a script", "HEAD", "/script", none, nil, 200},
	{"POST to a script", "POST", "/script", packet, nil, 200},
	{"POST of much to a script", "POST", "/script", large, nil, 200},
	{"PUT in chunks to a script", "PUT", "/script", large, inChunks, 200},
}

// TestUpstreams: a client sees through the gateway what it sees without it.
func TestUpstreams(t *testing.T) {
	t.Parallel()
	for _, up := range upstreams {
		t.Run(up.name, func(t *testing.T) {
			t.Parallel()
			direct := up.start(t)
			_, through := start(t, to(t, direct))
			for _, a := range up.asked {
				if slices.Contains(up.without, a.name) {
					continue
				}
				want := a.of(t, direct)
				if a.status > 0 && !strings.Contains(want, fmt.Sprintf("%d \n", a.status)) {
					t.Errorf("%s: without the gateway got\n%s", a.name, want)
				}
				for range 2 { // on a new connection to the upstream, perhaps, and on one that has been used
					if got := a.of(t, through); got != want {
						t.Errorf("%s: got\n%s\nwithout the gateway\n%s", a.name, got, want)
					}
				}
			}
		})
	}
}

// of sends the request on a connection of its own. It returns all of the answer
// but for what concerns connections, or is the gateway's.
func (a asked) of(t testing.TB, url string) string {
	t.Helper()
	address := strings.TrimPrefix(url, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	h, body := a.message(address)
	x, err := http1.NewClientConn(conn).RoundTrip(ctx, h, body)
	defer x.Close()
	if err != nil {
		t.Fatalf("%s of %s: %v", a.name, url, err)
	}
	content, err := io.ReadAll(x.Body)
	header := visible(x, url, len(content))
	text := fmt.Sprintf("%s%d %s\n%.200q of %d bytes, cut: %t", hints(x), x.Response.Status, header, content, len(content), err != nil)
	for _, f := range x.Body.Trailer() {
		text += fmt.Sprintf("\n%s: %s", http.CanonicalHeaderKey(f.Name), f.Value)
	}
	return text
}

func (a asked) message(host string) (*http1.RequestHead, []byte) {
	h := &http1.RequestHead{Method: a.method, Target: a.target, Header: http1.Header{{Name: "Host", Value: host}, {Name: "Origin", Value: app}}}
	for pair := range slices.Chunk(a.header, 2) {
		h.Header.Add(pair[0], pair[1])
	}
	if a.size < 0 {
		return h, nil
	}
	body := bytes.Repeat([]byte("x"), a.size)
	if !h.Header.Has("Transfer-Encoding") {
		h.Header.Add("Content-Length", fmt.Sprint(a.size))
		return h, body
	}
	var chunks []byte
	for piece := range slices.Chunk(body, 10_000) {
		chunks = http1.AppendChunk(chunks, piece)
	}
	chunks, _ = http1.AppendLastChunk(chunks, nil)
	return h, chunks
}

func hints(x *http1.Exchange) (text string) {
	for _, h := range x.Interim {
		if h.Status != http.StatusContinue {
			link, _ := h.Header.Get("Link")
			text += fmt.Sprintf("%d %s, ", h.Status, link)
		}
	}
	return text
}

// visible is a response's header without what is not the same through a gateway.
func visible(x *http1.Exchange, url string, size int) string {
	lines := make(map[string][]string)
	for _, f := range x.Response.Header {
		name := http.CanonicalHeaderKey(f.Name)
		switch {
		case strings.HasPrefix(name, "Access-Control-"), name == "Vary" && f.Value == "Origin":
		case name == "Date", name == "Connection", name == "Keep-Alive", name == "Transfer-Encoding":
		case name == "Content-Length" && x.Request.Method != "HEAD" && f.Value == fmt.Sprint(size):
		case name == "Content-Type" && x.Response.Status == http.StatusNotModified: // net/http leaves it out
		case name == "Location":
			lines[name] = append(lines[name], strings.TrimPrefix(f.Value, url))
		default:
			lines[name] = append(lines[name], f.Value)
		}
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		fmt.Fprintf(&text, "\n%s: %.60q × %d", name, lines[name], len(lines[name]))
	}
	return text.String()
}

// startUpstream starts a program with testdata/upstreams in its directory. In the
// names of arguments and in its configuration, words stand for what is not known
// before.
func startUpstream(t testing.TB, program string, words []string, conf string, args ...string) (url string) {
	t.Helper()
	address := lab.FreeAddress(t)
	host, port, _ := net.SplitHostPort(address)
	lab.Serve(t, address, program, func(dir string) ([]string, error) {
		fill := strings.NewReplacer(append(words, "ADDRESS", address, "HOST", host, "PORT", port, "DIR", dir)...).Replace
		for i := range args {
			args[i] = fill(args[i])
		}
		return args, furnish(dir, conf, fill)
	})
	return "http://" + address
}

// furnish makes files older than they are, for Apache calls their tags weak for a
// second. Servers may read them as somebody else.
func furnish(dir, conf string, fill func(string) string) error {
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	if err := os.CopyFS(dir, os.DirFS("testdata/upstreams")); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "www", "large.txt"), bytes.Repeat([]byte("0123456789abcdef"), large/16), 0o644); err != nil {
		return err
	}
	old := time.Now().Add(-time.Hour)
	names, err := filepath.Glob(filepath.Join(dir, "www", "*"))
	for _, name := range names {
		if err == nil {
			err = os.Chtimes(name, old, old)
		}
	}
	if err != nil || conf == "" {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, conf))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, conf), []byte(fill(string(text))), 0o644)
}

func startPHP(t testing.TB) string {
	return startUpstream(t, "php", nil, "", "-S", "ADDRESS", "index.php")
}

func startNode(t testing.TB) string {
	return startUpstream(t, "node", nil, "", "node.js", "HOST", "PORT")
}

func startPython(kind string) func(testing.TB) string {
	return func(t testing.TB) string {
		if kind == "uvicorn" {
			lab.Need(t, kind)
		}
		return startUpstream(t, "python", nil, "", "-B", "app.py", kind, "HOST", "PORT")
	}
}

func startLighttpd(t testing.TB) string {
	return startUpstream(t, "lighttpd", nil, "lighttpd.conf", "-D", "-f", "lighttpd.conf")
}

func startHAProxy(t testing.TB) string {
	lab.Need(t, "haproxy")
	api := strings.TrimPrefix(startNode(t), "http://")
	return startUpstream(t, "haproxy", []string{"API", api}, "haproxy.cfg", "-db", "-f", "haproxy.cfg")
}

func startApache(t testing.TB) string {
	words := []string{"MODULES", "/usr/lib/apache2/modules", "USER", ""}
	if os.Geteuid() == 0 { // which Apache does not serve as
		words[3] = "User www-data\nGroup www-data"
	}
	return startUpstream(t, "apache", words, "apache.conf", "-DFOREGROUND", "-f", "DIR/apache.conf")
}

func startNginxWithFiles(t testing.TB) string { return startNginxThatKeeps(t, "5s") }

func startNginxThatKeeps(t testing.TB, connections string) string {
	conf, err := os.ReadFile("testdata/upstreams/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + lab.Nginx(t, strings.Replace(string(conf), "KEPT", connections, 1), map[string]string{
		"www/plain.txt": "hello\n", "www/nothing.txt": "", "www/folder/index.html": "", "www/large.txt": strings.Repeat("0123456789abcdef", large/16),
	})
}

// TestUpstreamThatKeepsConnectionsForAMoment: whether one still lives is found
// out all the time. That costs no request that can be sent again, and none is
// sent twice that cannot.
func TestUpstreamThatKeepsConnectionsForAMoment(t *testing.T) {
	t.Parallel()
	const workers, each = 8, 100
	direct := startNginxThatKeeps(t, "5ms")
	_, through := start(t, to(t, direct))
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			for i := range each {
				a := asked{"", "GET", "/plain.txt", none, []string{"X-Id", fmt.Sprintf("%d-%d", worker, i)}, 200}
				if i%3 == 0 {
					a.method, a.target, a.size = "POST", "/echo", packet
				}
				got := a.of(t, through)
				if lost := strings.HasPrefix(got, "502"); lost && a.method == "GET" || !lost && !strings.HasPrefix(got, "200") {
					t.Errorf("%s: %s", a.method, got)
				}
			}
		})
	}
	all.Wait()
	_, ids := send(t, "GET", direct+"/ids", nil)
	if n := strings.Count(ids, "\n"); n < workers*each/2 {
		t.Errorf("only %d requests came", n)
	}
	for id := range strings.FieldsSeq(ids) {
		var worker, i int
		fmt.Sscanf(id, "%d-%d", &worker, &i)
		if n := strings.Count("\n"+ids, "\n"+id+"\n"); i%3 == 0 && n > 1 {
			t.Errorf("POST %s came %d times", id, n)
		}
	}
}

func TestWebSocketOfNode(t *testing.T) {
	t.Parallel()
	_, url := start(t, to(t, startNode(t)))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	for i := range 10 {
		want := fmt.Sprint("message ", i)
		if err := ws.Write(ctx, websocket.MessageText, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if _, got, err := ws.Read(ctx); string(got) != want || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if err := ws.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}
