package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/gateway"
	"github.com/corsac-cors/corsac/policyfile"
)

// line waits for a request's line and returns it.
func (l *logged) line(t testing.TB, holding string) string {
	t.Helper()
	var found string
	waitUntil(t, "a line that holds "+holding, func() bool {
		for line := range strings.Lines(l.String()) {
			if strings.Contains(line, holding) {
				found = line
				return true
			}
		}
		return false
	})
	return found
}

func TestRequestIsLogged(t *testing.T) {
	t.Parallel()
	log := &logged{}
	c := to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, "users")
	}))
	c.Log = slog.New(slog.NewJSONHandler(log, nil))
	_, url := start(t, c)
	send(t, "GET", url+"/users/1?token=secret", nil, "Origin", "https://evil.example.net")
	var got map[string]any
	if err := json.Unmarshal([]byte(log.line(t, `"msg":"request"`)), &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"level": "INFO", "method": "GET", "path": "/users/1", "status": 418.0, "bytes": 5.0, "client": "127.0.0.1", "proto": "HTTP/1.1",
		"kind": "cors", "verdict": "block", "reason": "origin", "name": "https://evil.example.net", "route": "/", "upstream": c.Gateway.Upstream,
		"host": strings.TrimPrefix(url, "http://"),
	} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
	if _, ok := got["duration"]; !ok {
		t.Error("there is no duration")
	}
	if strings.Contains(log.String(), "secret") {
		t.Error("the query is logged")
	}
}

func TestWhatClientsSayIsEscapedAndCut(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]func(io.Writer) slog.Handler{
		"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"json": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := &logged{}
			c := to(t, upstream(t, func(http.ResponseWriter, *http.Request) {}))
			c.Log = slog.New(handler(log))
			_, url := start(t, c)
			for _, path := range []string{"/%0d%0atime=2000%20level=ERROR%20msg=FAKE", "/%1b[31mred", "/%e2%80%aertl", "/%ff%fe", "/\"quoted\"%20status=200"} {
				send(t, "GET", url+path, nil, "Origin", "https://a.example\" verdict=allow")
			}
			send(t, "GET", url+"/"+strings.Repeat("long", 5000), nil, "Origin", "https://"+strings.Repeat("o", 20_000))
			waitUntil(t, "six lines", func() bool { return strings.Count(log.String(), "\n") >= 6 })
			text := log.String()
			if n := strings.Count(text, "\n"); n != 6 {
				t.Errorf("there are %d lines", n)
			}
			for line := range strings.Lines(text) {
				if len(line) > 2000 {
					t.Errorf("a line has %d bytes", len(line))
				}
				if strings.ContainsAny(strings.TrimSuffix(line, "\n"), "\r\n\x1b") {
					t.Errorf("control bytes in %q", line)
				}
				if name == "json" && !json.Valid([]byte(line)) {
					t.Errorf("no JSON: %s", line)
				}
			}
		})
	}
}

// TestWhatThereIsNotIsNotLogged: an origin and a route that are none.
func TestWhatThereIsNotIsNotLogged(t *testing.T) {
	t.Parallel()
	log := &logged{}
	c := to(t, "")
	c.Gateway.Routes = []policyfile.Route{{Path: "/api/", Upstream: "http://127.0.0.1:1"}}
	c.Log = slog.New(slog.NewTextHandler(log, nil))
	_, url := start(t, c)
	send(t, "GET", url+"/other", nil)
	line := log.line(t, "msg=request")
	if !strings.Contains(line, "status=404") || strings.Contains(line, " name=") || strings.Contains(line, " route=") || strings.Contains(line, " upstream=") {
		t.Error(line)
	}
}

func TestFailuresAreLogged(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		upstream http.HandlerFunc
		want     []string
	}{
		{"upstream hangs up midway", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "half")
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, []string{"status=200", `error="the upstream hung up in the middle of its response"`, "level=WARN"}},
		{"upstream hangs up at once", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, []string{"status=502", "hung up without a response", "level=WARN"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log := &logged{}
			c := to(t, upstream(t, tt.upstream))
			c.Log = slog.New(slog.NewTextHandler(log, nil))
			g, url := start(t, c)
			res, err := client.Post(url, "text/plain", strings.NewReader("x"))
			if err == nil {
				io.Copy(io.Discard, res.Body)
				res.Body.Close()
			}
			line := log.line(t, "msg=request")
			for _, want := range tt.want {
				if !strings.Contains(line, want) {
					t.Errorf("%s\ndoes not contain %s", line, want)
				}
			}
			if m := metricsOf(t, g); !strings.Contains(m, "corsac_upstream_errors_total{") {
				t.Error("the metrics do not tell of it")
			}
		})
	}
}

// TestClientsThatLeaveAreLogged: it is no upstream's fault.
func TestClientsThatLeaveAreLogged(t *testing.T) {
	for name, began := range map[string]bool{"before the response": false, "in the middle of it": true} {
		t.Run(name, func(t *testing.T) {
			onEachWire(t, func(t *testing.T, w wire) {
				log, arrived := &logged{}, make(chan struct{})
				url, client := w.through(t, func(w http.ResponseWriter, r *http.Request) {
					if began {
						http.NewResponseController(w).Flush()
					}
					close(arrived)
					<-r.Context().Done()
				}, func(c *gateway.Config) { c.Log = slog.New(slog.NewTextHandler(log, nil)) })
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				go func() {
					<-arrived
					if !began {
						leave()
					}
				}()
				res, err := client.Do(newRequest(t, "GET", url, nil).WithContext(ctx))
				if began != (err == nil) {
					t.Fatal(err)
				}
				if began {
					leave()
					res.Body.Close()
				}
				if line := log.line(t, "msg=request"); !strings.Contains(line, `error="the client did not wait"`) || !strings.Contains(line, "level=INFO") {
					t.Error(line)
				}
			})
		})
	}
}

func TestRequestsNeedNotBeLogged(t *testing.T) {
	t.Parallel()
	log := &logged{}
	c := to(t, upstream(t, func(http.ResponseWriter, *http.Request) {}))
	c.Log = slog.New(slog.NewTextHandler(log, nil))
	c.Gateway.Log.Requests = false
	g, url := start(t, c)
	send(t, "GET", url, nil)
	waitUntil(t, "the request is counted", func() bool { return strings.Contains(metricsOf(t, g), "corsac_decisions_total{") })
	if text := log.String(); text != "" {
		t.Errorf("logged %s", text)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	c := to(t, "")
	c.Version = "1.2.3"
	api := upstream(t, func(http.ResponseWriter, *http.Request) {})
	c.Gateway.Routes = []policyfile.Route{{Path: "/users/", Upstream: api}, {Path: "/dead/", Host: "127.0.0.1", Upstream: "http://127.0.0.1:1"}}
	c.Policy = policy(t, corsac.Rule{Origins: []string{app}})
	g, url := start(t, c)
	send(t, "GET", url+"/users/1", nil, "Origin", app)
	send(t, "GET", url+"/users/2", nil, "Origin", app)
	send(t, "GET", url+"/users/2", nil)
	send(t, "OPTIONS", url+"/users/2", nil, "Origin", app, "Access-Control-Request-Method", "PUT")
	send(t, "GET", url+"/dead/", nil)
	send(t, "BREW", url+"/dead/", nil)
	send(t, "GET", url+"/", nil)
	want := []string{
		`corsac_decisions_total{kind="cors",reason="listed",route="/users/",verdict="allow"} 2`,
		`corsac_decisions_total{kind="plain",reason="no-origin",route="/users/",verdict="pass"} 1`,
		`corsac_decisions_total{kind="preflight",reason="method",route="/users/",verdict="block"} 1`,
		`corsac_decisions_total{kind="plain",reason="no-origin",route="none",verdict="pass"} 1`,
		`corsac_request_duration_seconds_count{method="GET",route="/users/",status="2xx"} 3`,
		`corsac_request_duration_seconds_count{method="GET",route="127.0.0.1/dead/",status="5xx"} 1`,
		`corsac_request_duration_seconds_count{method="other",route="127.0.0.1/dead/",status="5xx"} 1`,
		`corsac_upstream_errors_total{error="connect",route="127.0.0.1/dead/"} 2`,
		`corsac_requests_in_flight 0`,
		`corsac_build_info{version="1.2.3"} 1`,
	}
	waitUntil(t, "the last request is counted", func() bool { return strings.Contains(metricsOf(t, g), want[3]) })
	text := metricsOf(t, g)
	for _, line := range want {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("there is no line %s", line)
		}
	}
}

// TestClientsMakeNoNewSeries: nothing that clients choose becomes a label.
func TestClientsMakeNoNewSeries(t *testing.T) {
	t.Parallel()
	g, url := start(t, to(t, upstream(t, func(http.ResponseWriter, *http.Request) {})))
	series := func() int { return strings.Count(metricsOf(t, g), "\ncorsac_") }
	flood := func(from, n int) {
		for i := from; i < from+n; i++ {
			send(t, fmt.Sprint("M", i), fmt.Sprint(url, "/", i), nil, "Origin", fmt.Sprint("https://o", i, ".example"))
			send(t, "OPTIONS", fmt.Sprint(url, "/", i), nil, "Origin", app, "Access-Control-Request-Method", fmt.Sprint("M", i))
		}
	}
	flood(0, 2)
	before := series()
	flood(2, 100)
	if after := series(); after != before {
		t.Errorf("there were %d series, and then %d", before, after)
	}
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	c := to(t, "http://127.0.0.1:1")
	g, _ := start(t, c)
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/debug/pprof/": 404, "/": 404} {
		if got := admin(t, g, path).Code; got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	c.Gateway.Admin, c.Gateway.Pprof = "127.0.0.1:0", true
	g, url := start(t, c)
	if got := admin(t, g, "/debug/pprof/cmdline").Code; got != 200 {
		t.Errorf("/debug/pprof/cmdline: %d, want 200", got)
	}
	if res, _ := send(t, "GET", url+"/metrics", nil); res.StatusCode != 502 {
		t.Errorf("the gateway itself answers /metrics: %d", res.StatusCode)
	}
}
