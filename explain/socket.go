package explain

import (
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// A handshake makes WebSocket handshakes of requests. It is a GET, but it opens
// a session: only who may send anything may send it.
//
// https://websockets.spec.whatwg.org/#establish-a-websocket-connection
type handshake struct {
	next      fetch.Transport
	origin    string // browsers always send it with a handshake
	permitted bool
	key       string
	last      fetch.ResponseHead
}

func newHandshake(next fetch.Transport, origin string, permitted bool) *handshake {
	var key [16]byte
	_, _ = rand.Read(key[:])
	return &handshake{next: next, origin: origin, permitted: permitted, key: base64.StdEncoding.EncodeToString(key[:])}
}

// fields are what a handshake has beside a GET.
func (h *handshake) fields() fetch.Header {
	return fetch.Lines("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: "+h.key)
}

// RoundTrip sends the handshake. Redirects are not followed, and a resource
// policy does not count.
func (h *handshake) RoundTrip(ctx context.Context, w *fetch.WireRequest) (*fetch.WireResponse, error) {
	if !h.permitted {
		return nil, errWithheld
	}
	sent := *w
	sent.Head.Header = append(without(w.Head.Header, "Connection", "Keep-Alive", "Origin"), h.fields()...)
	sent.Head.Header.Set("Origin", h.origin)
	got, err := h.next.RoundTrip(ctx, &sent)
	if err != nil || got == nil {
		return got, err
	}
	h.last = got.Head
	answer := *got
	answer.Head.Header = without(got.Head.Header, "Location", "Cross-Origin-Resource-Policy")
	return &answer, nil
}

// isOpen reports whether the server has taken the last handshake.
func (h *handshake) isOpen() bool {
	sum := sha1.Sum([]byte(h.key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return h.last.Status == 101 && first(h.last.Header, "Sec-WebSocket-Accept") == base64.StdEncoding.EncodeToString(sum[:])
}

func isSocket(address string) bool {
	scheme, _, found := strings.Cut(strings.ToLower(address), "://")
	return found && (scheme == "ws" || scheme == "wss")
}

// A socketInquiry asks for a WebSocket.
type socketInquiry struct {
	*inquiry
	*handshake
	address string
}

// explainSocket tells of a WebSocket what there is to tell: which rules of
// browsers apply, and what the server makes of the handshake with the page's
// Origin, with none and with another one.
func explainSocket(ctx context.Context, q Question) *Report {
	s := &socketInquiry{address: q.Request.URL}
	r := &q.Request
	r.URL = "http" + q.Request.URL[len("ws"):]
	r.Method, r.Mode, r.Credentials, r.Body = "GET", fetch.ModeNoCORS, fetch.CredentialsInclude, nil
	q.As = ""
	s.inquiry = newInquiry(q)
	defer s.agent.Close()
	s.readPage(ctx)
	s.q.Request.ConnectSrc = socketSources(s.q.Request.ConnectSrc)
	s.handshake = newHandshake(s.wire, s.page.String(), q.Send || q.Policy != nil)
	s.agent.Transport = s.handshake
	s.fetch(ctx)
	s.server = recognise(s.answers())
	return s.report(ctx)
}

// socketSources writes a list of sources for the addresses under which the
// engine asks: http for ws. What allows http does not allow ws.
func socketSources(list string) string {
	if list == "" {
		return ""
	}
	var kept []string
	for _, source := range strings.Fields(list) {
		switch lower := strings.ToLower(source); {
		case strings.HasPrefix(lower, "http:"), strings.HasPrefix(lower, "https:"):
			continue
		case strings.HasPrefix(lower, "ws:"), strings.HasPrefix(lower, "wss:"):
			source = "http" + source[len("ws"):]
		}
		kept = append(kept, source)
	}
	return orElse(strings.Join(kept, " "), "'none'")
}

func (s *socketInquiry) report(ctx context.Context) *Report {
	r := &Report{
		Answer: s.answered(), Read: s.q.Read, Page: s.page.String(), Target: s.where(), Server: s.server,
		Request:   Call{By: "websocket", Method: "GET", Mode: "websocket", Credentials: "include", Redirect: "error"},
		Exchanges: s.exchanges(), Profiles: []Profile{}, Causes: []Diagnosis{}, Obstacles: []Obstacle{},
	}
	r.Target.URL = s.address
	r.Headline = s.headline()
	switch f := s.verdict.Failure; {
	case f != nil && !wasWithheld(&s.verdict):
		if cause := (&diagnosing{inquiry: s.inquiry}).cause(); cause != nil {
			r.Causes = append(r.Causes, *cause)
		}
	case f == nil && !s.isOpen() && !s.policyPasses():
		r.Answer = Blocked
	}
	status := s.last.Status
	cause := s.cause(ctx)
	r.Causes, r.Says, r.Curl = append(r.Causes, *cause), s.says(status), s.curl()
	for n := range s.probes {
		r.Probes = append(r.Probes, Probe{What: s.probes[n].what, Result: strconv.Itoa(s.probes[n].status)})
	}
	s.cleaner().clean(r)
	return r
}

// policyPasses: a policy that is asked has no WebSocket behind it.
func (s *socketInquiry) policyPasses() bool { return s.q.Policy != nil && isOK(s.last.Status) }

func (s *socketInquiry) headline() string {
	f := s.verdict.Failure
	switch {
	case wasWithheld(&s.verdict):
		return "NOT DECIDED: a WebSocket is no matter of CORS, and its handshake was not sent without --send"
	case f != nil && f.Kind.Family() == fetch.Network:
		return "NO RESPONSE: nothing answers the handshake of the WebSocket"
	case f != nil:
		return "BLOCKED before anything was sent: " + sentenceOf(f)
	case s.policyPasses():
		return "OPEN: the policy lets the handshake pass; CORS has no part in it"
	case s.isOpen():
		return "OPEN: the server takes the handshake from this page; CORS has no part in it"
	}
	return fmt.Sprintf("BLOCKED: the server answers the handshake with %d; CORS has no part in it", s.last.Status)
}

func (s *socketInquiry) exchanges() []Exchange {
	all := s.transcript()
	for n := range all {
		lines := []Line{{Direction: ">", Text: "Upgrade: websocket"}, {Direction: ">", Text: "Origin: " + s.page.String()}}
		all[n].URL = s.address
		all[n].Lines = append(lines, all[n].Lines...)
	}
	return all
}

// try sends the handshake with another Origin, or with none.
func (s *socketInquiry) try(ctx context.Context, what, origin string) (open bool) {
	h := append(fetch.Lines("User-Agent: Mozilla/5.0 (compatible; corsac)"), s.fields()...)
	if origin != "" {
		h.Set("Origin", origin)
	}
	request := s.request("GET", h)
	request.Head.Header = append(without(request.Head.Header, "Connection"), fetch.Lines("Connection: Upgrade")...)
	s.handshakeProbe(ctx, what, request)
	return s.isOpen()
}

func (s *socketInquiry) handshakeProbe(ctx context.Context, what string, w *fetch.WireRequest) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	s.last = fetch.ResponseHead{}
	got, err := s.wire.RoundTrip(ctx, w)
	if err == nil {
		s.last = got.Head
		if got.Body != nil {
			_ = got.Body.Close()
		}
	}
	s.probes = append(s.probes, probe{name: handshakeProbe, what: what, err: err, answer: answer{status: s.last.Status, header: s.last.Header}})
}

// cause says what the server makes of Origin.
func (s *socketInquiry) cause(ctx context.Context) *Diagnosis {
	d := &diagnosing{inquiry: s.inquiry}
	page, status := s.page.String(), s.last.Status
	if s.verdict.Failure != nil {
		return d.say("CX-W01", Certain, "WebSockets have no CORS: the server checks the Origin header by itself, or not at all").
			because("the address is one of a WebSocket: %s", s.address).
			fix("allow the page's origin %s where the server accepts WebSockets; --send tries the handshake", page)
	}
	if s.q.Policy != nil {
		return d.say("CX-W01", Certain, "%s", map[bool]string{true: "the policy leaves the handshake to the server behind it", false: "the policy refuses handshakes of other origins than those it lists"}[isOK(status)]).
			because("the decision: %d", status).fix("list %s in the rule, whose refuse-others covers handshakes", page)
	}
	open := s.isOpen()
	if s.q.NoProbes {
		return d.say("CX-W01", Certain, "CORS does not apply to WebSockets: the server has answered the handshake with %d", status).fix("%s", socketFix(page))
	}
	without, other := s.try(ctx, "the handshake without Origin", ""), s.try(ctx, "the handshake from another origin", foreign)
	tried := fmt.Sprintf("with Origin: %d, without: %d, with another one: %d", status, s.probes[0].status, s.probes[1].status)
	switch {
	case open && other:
		return d.say("CX-W01", Certain, "the server takes the handshake from every origin: pages of others can open it with the user's cookies").
			because("%s", tried).fix("%s", socketFix(page))
	case open:
		return d.say("CX-W01", Certain, "the server takes the handshake from this page, and checks the Origin").because("%s", tried).
			fix("nothing: what fails after the handshake is the protocol's own matter")
	case without:
		return d.say("CX-W01", Certain, "the server's own check of Origin refuses the page; no header of CORS changes that").
			because("%s", tried).fix("%s", socketFix(page))
	}
	return d.say("CX-W01", Certain, "there is no WebSocket at this address, whoever asks: the path is another one, or a proxy keeps the Upgrade back").
		because("%s", tried).
		fix("compare the path with the server's; a proxy has to pass Upgrade and Connection (nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade)")
}

func socketFix(page string) string {
	return "list " + page + " where the server accepts WebSockets: CheckOrigin (gorilla), OriginPatterns (coder), verifyClient (ws), setAllowedOrigins (Spring), " +
		"OriginValidator (Channels), allowed_request_origins (Action Cable)"
}

// says is what the browsers print. What Safari prints of a refused handshake was
// never recorded.
func (s *socketInquiry) says(status int) (all []Saying) {
	f := s.verdict.Failure
	say := func(browser, script, line string) {
		profile, _ := fetch.ProfileNamed(browser)
		all = append(all, Saying{Browser: browser, Version: profile.Version, Lines: []string{line}, Script: script})
	}
	switch {
	case f != nil && f.Kind == fetch.MixedContent:
		say("chrome", "SecurityError: Failed to construct 'WebSocket': An insecure WebSocket connection may not be initiated from a page loaded over HTTPS.",
			"Mixed Content: The page at '"+s.page.String()+"/' was loaded over HTTPS, but attempted to connect to the insecure WebSocket endpoint '"+s.address+"'. This request has been blocked; this endpoint must be available over WSS.")
	case f != nil && f.Kind == fetch.ConnectSrc:
		say("chrome", "an error event", "Connecting to '"+s.address+"' violates the following Content Security Policy directive: \"connect-src "+shorten(f.Value)+"\". The action has been blocked.")
	case f == nil && s.q.Policy == nil && !s.opened(status):
		say("chrome", "an error event, then close with code 1006", "WebSocket connection to '"+s.address+"' failed: Error during WebSocket handshake: Unexpected response code: "+strconv.Itoa(status))
		say("firefox", "an error event, then close with code 1006", "Firefox can’t establish a connection to the server at "+s.address+".")
	}
	return all
}

func (s *socketInquiry) opened(status int) bool { return status == 101 }

func (s *socketInquiry) curl() string {
	words := []string{"curl", "-i", "-N", "--http1.1", "-H", quoted("Origin: " + s.page.String())}
	for _, f := range s.fields() {
		words = append(words, "-H", quoted(f.Name+": "+f.Value))
	}
	return strings.Join(append(words, quoted(s.q.Request.URL)), " ")
}
