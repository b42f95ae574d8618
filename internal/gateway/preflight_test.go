package gateway_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

// TestLaterPreflightsAreAsFirst: the gate answers the later ones of a connection
// by itself. Nobody must be able to tell, nor be logged differently.
func TestLaterPreflightsAreAsFirst(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, request string // but for what all have
		status        int
	}{
		{"host with a rule", "OPTIONS /users/?a=b HTTP/1.1\r\nHost: api.example.com\r\n", 204},
		{"host without", "OPTIONS /users/ HTTP/1.1\r\nHost: www.example.com\r\n", 403},
		{"host in the target", "OPTIONS http://api.example.com/users/ HTTP/1.1\r\nHost: www.example.com\r\n", 204},
		{"host not served", "OPTIONS /users/ HTTP/1.1\r\nHost: evil.example.net\r\n", 403},
		{"odd path", "OPTIONS /users/%2e%2E/a HTTP/1.1\r\nHost: api.example.com\r\n", 204},
		{"the last", "OPTIONS /users/ HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n", 204},
		{"of old", "OPTIONS /users/ HTTP/1.0\r\nHost: api.example.com\r\n", 204},
		{"with a body", "OPTIONS /users/ HTTP/1.1\r\nHost: api.example.com\r\nTransfer-Encoding: chunked\r\n", 204},
		{"a name twice", "OPTIONS /users/ HTTP/1.1\r\nHost: api.example.com\r\nOrigin: https://evil.example.net\r\n", 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log := &logged{}
			c := to(t, "")
			c.Gateway.Hosts = []string{"api.example.com", "www.example.com"}
			c.Gateway.Routes = []policyfile.Route{{Path: "/api/", Upstream: "http://127.0.0.1:1"}}
			rule := appRule
			rule.Host = "api.example.com"
			c.Policy = policy(t, rule, corsac.Rule{Origins: []string{"https://www.example.com"}})
			c.Log = slog.New(slog.NewJSONHandler(log, nil))
			_, url := start(t, c)
			request := tt.request + "Origin: " + app + "\r\nAccess-Control-Request-Method: PUT\r\n\r\n"
			if strings.Contains(request, "chunked") {
				request += "0\r\n\r\n"
			}
			var answers [2]string
			for i, before := range []string{"", "GET /other HTTP/1.1\r\nHost: api.example.com\r\n\r\n"} {
				conn := dial(t, url)
				in := bufio.NewReader(conn)
				if before != "" {
					io.WriteString(conn, before)
					if res, err := http.ReadResponse(in, nil); err != nil || res.StatusCode != 404 {
						t.Fatalf("before it: %v, %v", res, err)
					} else if _, err := io.Copy(io.Discard, res.Body); err != nil {
						t.Fatal(err)
					}
				}
				io.WriteString(conn, request)
				res, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatal(err)
				}
				if res.StatusCode != tt.status || res.Header.Get("Date") == "" {
					t.Errorf("got %v, want %d", res, tt.status)
				}
				res.Header.Del("Date")
				answers[i] = fmt.Sprint(res.Proto, res.Status, res.Close, res.ContentLength, res.Header)
				if !res.Close {
					continue
				}
				if _, err := in.ReadByte(); err == nil {
					t.Error("more follows the last answer")
				}
			}
			if answers[0] != answers[1] {
				t.Errorf("the first is answered %s, a later one %s", answers[0], answers[1])
			}

			var lines []map[string]any
			waitUntil(t, "both are logged", func() bool {
				lines = nil
				for text := range strings.Lines(log.String()) {
					var line map[string]any
					if json.Unmarshal([]byte(text), &line) == nil && line["method"] == "OPTIONS" {
						delete(line, "time")
						delete(line, "duration")
						lines = append(lines, line)
					}
				}
				return len(lines) == 2
			})
			if diff := cmp.Diff(lines[0], lines[1]); diff != "" {
				t.Errorf("in the log (-first +later):\n%s", diff)
			}
		})
	}
}
