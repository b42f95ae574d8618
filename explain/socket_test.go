package explain

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/fetch"
)

// accepts takes WebSockets from pages of these hosts.
func accepts(patterns ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{OriginPatterns: patterns})
		if err == nil {
			_ = c.CloseNow()
		}
	}
}

func TestWebSockets(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		serve    http.HandlerFunc
		change   func(*Question)
		answer   Answer
		headline string
		code     string
		tells    []string
		chrome   string
	}{
		{name: "not sent", serve: accepts("*"), answer: Unknown, headline: "not sent without --send", code: "CX-W01", tells: []string{"the address is one of a WebSocket"}},
		{name: "refused for its origin", serve: accepts("other.example"), change: send, answer: Blocked, headline: "answers the handshake with 403", code: "CX-W01",
			tells: []string{"check of Origin refuses the page", "with Origin: 403, without: 101, with another one: 403", "CheckOrigin"}, chrome: "Unexpected response code: 403"},
		{name: "open to the page", serve: accepts("app.example.com"), change: send, answer: Readable, headline: "takes the handshake", code: "CX-W01", tells: []string{"with another one: 403"}},
		{name: "open to all", serve: accepts("*"), change: send, answer: Readable, headline: "takes the handshake", code: "CX-W01", tells: []string{"from every origin"}},
		{name: "no WebSocket", serve: bare, change: send, answer: Blocked, headline: "with 200", code: "CX-W01", tells: []string{"no WebSocket at this address", "proxy_set_header Upgrade"},
			chrome: "Unexpected response code: 200"},
		{name: "not found", serve: lines(404), change: send, answer: Blocked, headline: "with 404", code: "CX-W01", chrome: "Unexpected response code: 404"},
		{name: "a redirect is not followed", serve: lines(302, "Location: /y"), change: send, answer: Blocked, headline: "with 302", code: "CX-W01"},
		{name: "101 of something else", serve: func(w http.ResponseWriter, _ *http.Request) {
			lines(101, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: nonsense")(w, nil)
		}, change: send, answer: Blocked, headline: "with 101", code: "CX-W01"},
		{name: "without probes", serve: lines(403), change: func(q *Question) { q.Send, q.NoProbes = true, true }, answer: Blocked, headline: "with 403", code: "CX-W01"},
		{name: "mixed content", change: func(q *Question) { q.Request.URL = "ws://api.example.com/" }, answer: Blocked, headline: "before anything was sent", code: "CX-B01",
			chrome: "insecure WebSocket endpoint 'ws://api.example.com/'"},
		{name: "the page's policy", change: func(q *Question) { q.Request.URL, q.Request.ConnectSrc = "wss://api.example.com/", "'self' https:" }, answer: Blocked,
			headline: "Content-Security-Policy", code: "CX-B02", chrome: "violates the following Content Security Policy"},
		{name: "the page's policy has it", serve: accepts("*"), change: func(q *Question) { q.Send, q.Request.ConnectSrc = true, "ws:" }, answer: Readable, headline: "OPEN", code: "CX-W01"},
		{name: "nobody there", change: func(q *Question) { q.Send, q.Request.URL = true, "ws://127.0.0.1:2/" }, answer: Unknown, headline: "NO RESPONSE", code: "CX-N03"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := Question{Request: fetch.Request{Origin: app}}
			if row.serve != nil {
				q.Request.URL = strings.Replace(start(t, row.serve).URL, "http:", "ws:", 1) + "/live"
			}
			if row.change != nil {
				row.change(&q)
			}
			r := Explain(t.Context(), q)
			if !strings.Contains(r.Headline, row.headline) || r.Target.URL != q.Request.URL {
				t.Errorf("headline %q of %s", r.Headline, r.Target.URL)
			}
			fault{code: row.code, answer: row.answer, tells: row.tells}.judge(t, r)
			if row.chrome != "" && (len(r.Says) == 0 || !strings.Contains(r.Says[0].Lines[0], row.chrome)) {
				t.Errorf("Chrome says %+v", r.Says)
			}
			if text := r.Text(Style{}); !strings.Contains(text, row.code) {
				t.Errorf("the text lacks %s:\n%s", row.code, text)
			}
		})
	}
}

func send(q *Question) { q.Send = true }

// TestWebSocketBehindNginx: the proxy that nobody told of WebSockets.
func TestWebSocketBehindNginx(t *testing.T) {
	t.Parallel()
	upstream := start(t, accepts("*"))
	base := startMistakes(t, upstream.URL)
	r := Explain(t.Context(), Question{Request: fetch.Request{Origin: app, URL: strings.Replace(base, "http:", "ws:", 1) + "/small/x"}, Send: true})
	fault{code: "CX-W01", tells: []string{"426", "proxy keeps the Upgrade back"}}.judge(t, r)
}

// TestWebSocketsOfPolicies: refuse-others covers handshakes.
func TestWebSocketsOfPolicies(t *testing.T) {
	t.Parallel()
	policy, err := corsac.New(corsac.Rule{Path: "/", Origins: []string{app}, RefuseOthers: true})
	if err != nil {
		t.Fatal(err)
	}
	for origin, want := range map[string]Answer{app: Readable, "https://evil.example": Blocked} {
		r := Explain(t.Context(), Question{Request: fetch.Request{Origin: origin, URL: "wss://api.example.com/live"}, Policy: policy})
		fault{code: "CX-W01", answer: want, tells: []string{"refuse-others"}}.judge(t, r)
	}
}

// TestHandshakesNeedPermission: a WebSocket is a session, even if GET opens it.
func TestHandshakesNeedPermission(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	s := start(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	Explain(t.Context(), Question{Request: fetch.Request{Origin: app, URL: strings.Replace(s.URL, "http:", "ws:", 1)}})
	if n := asked.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
