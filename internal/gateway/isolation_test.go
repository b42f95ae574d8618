package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestNobodySeesWhatIsAnothers: clients that leave, and upstreams that hang up,
// answer early or say too much, share connections. Whoever gets something gets
// what is theirs, and no POST comes twice.
func TestNobodySeesWhatIsAnothers(t *testing.T) {
	t.Parallel()
	for _, front := range []string{"http", "h2c"} {
		t.Run(front, func(t *testing.T) {
			t.Parallel()
			const workers, each = 8, 60
			api := &careless{t: t}
			_, url := start(t, to(t, api.start()))
			client := wire{front: front}.client(t)
			var whole atomic.Int64
			var all sync.WaitGroup
			for worker := range workers {
				all.Go(func() {
					random := rand.New(rand.NewPCG(20261123, uint64(worker)))
					for i := range each {
						if askAsOne(t, client, url, fmt.Sprintf("%d-%d", worker, i), random) {
							whole.Add(1)
						}
					}
				})
			}
			all.Wait()
			if n := whole.Load(); n < workers*each/3 {
				t.Errorf("only %d answers were whole", n)
			}
			if n := api.connections.Load(); n >= workers*each*2/3 {
				t.Errorf("%d connections for %d requests: none to share", n, workers*each)
			}
		})
	}
}

// askAsOne sends a request of somebody, who may leave, and reports whether it was
// answered.
func askAsOne(t *testing.T, client *http.Client, url, id string, random *rand.Rand) bool {
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	if random.IntN(6) == 0 {
		time.AfterFunc(time.Duration(random.IntN(3000))*time.Microsecond, leave)
	}
	method, body := "GET", ""
	if random.IntN(2) == 0 {
		method, body = "POST", strings.Repeat(id+".", random.IntN(5000))
	}
	req := newRequest(t, method, url+"/"+id, strings.NewReader(body)).WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		Got1xxResponse: func(_ int, h textproto.MIMEHeader) error {
			if got := h.Get("X-Id"); got != id {
				t.Errorf("%s gets a hint for %q", id, got)
			}
			return nil
		},
	}))
	if random.IntN(2) == 0 {
		req.ContentLength = -1
	}
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if res.StatusCode >= 500 {
		return false
	}
	if got := res.Header.Get("X-Id"); got != id {
		t.Errorf("%s gets an answer for %q", id, got)
	}
	if rest := strings.ReplaceAll(string(text), id+"|", ""); !strings.HasPrefix(id+"|", rest) {
		t.Errorf("%s gets %.50q", id, rest)
	}
	return err == nil
}

// A careless upstream does what goes wrong in the life of one.
type careless struct {
	t           *testing.T
	connections atomic.Int64
	posts       sync.Map // by path
}

func (up *careless) start() (url string) {
	ln := listen(up.t)
	go acceptAll(ln, func(conn net.Conn) {
		defer conn.Close()
		up.connections.Add(1)
		for in := bufio.NewReader(conn); up.answer(conn, in); {
		}
	})
	return "http://" + ln.Addr().String()
}

// answer reports whether the connection goes on.
func (up *careless) answer(conn net.Conn, in *bufio.Reader) bool {
	r, err := http.ReadRequest(in)
	if err != nil {
		return false
	}
	if _, twice := up.posts.LoadOrStore(r.URL.Path, true); twice && r.Method == "POST" {
		up.t.Errorf("POST %s comes twice", r.URL.Path)
	}
	id := strings.TrimPrefix(r.URL.Path, "/")
	early := rand.IntN(10) == 0
	if !early && !up.read(r, id) || rand.IntN(20) == 0 {
		return false
	}
	text := strings.Repeat(id+"|", rand.IntN(2000))
	head := "HTTP/1.1 200 OK\r\nX-Id: " + id + "\r\n"
	answer := head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(text), text)
	switch rand.IntN(8) {
	case 0:
		answer = head + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s|\r\n0\r\n\r\n", len(id)+1, id)
	case 1:
		answer = "HTTP/1.1 103 Early Hints\r\nX-Id: " + id + "\r\n\r\n" + answer
	case 2:
		answer = "HTTP/1.1 204 No Content\r\nX-Id: " + id + "\r\n\r\n"
	case 3: // nobody asked for the second one
		answer = strings.Repeat(head+fmt.Sprintf("Content-Length: %d\r\n\r\n%s|", len(id)+1, id), 2)
	}
	if rand.IntN(15) == 0 {
		io.WriteString(conn, answer[:rand.IntN(len(answer))])
		return false
	}
	_, err = io.WriteString(conn, answer)
	return err == nil && (!early || up.read(r, id))
}

// read reports whether a body is whole.
func (up *careless) read(r *http.Request, id string) bool {
	body, err := io.ReadAll(r.Body)
	if rest := strings.ReplaceAll(string(body), id+".", ""); err == nil && rest != "" {
		up.t.Errorf("the body of %s is %.50q", id, rest)
	}
	return err == nil
}
