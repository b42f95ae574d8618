package gateway_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
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
	wantEcho(t, url)
}
