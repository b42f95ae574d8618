package survey

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
	"github.com/corsac-cors/corsac/policyfile"
)

// A Question is what to ask a live server.
type Question struct {
	// URLs are the parts of the API to ask for, each of which gets a rule. The
	// path of a URL that ends in a slash stands for all that is below it. Rules
	// for the first URL's host speak for every host.
	URLs []string
	// Paths are more parts, on the first URL's server.
	Paths []string
	// Origins are those of the pages that should be allowed.
	Origins []string
	// Methods and Headers are what the pages may use, besides the usual.
	Methods, Headers []string
	// Sent are header lines for GET requests, such as a token. They are not
	// sent with OPTIONS, as browsers do not, and appear nowhere.
	Sent fetch.Header

	// MaxRequests is how many requests are made at most. Zero is
	// [DefaultMaxRequests].
	MaxRequests int
	// Timeout is for each request. Zero is ten seconds.
	Timeout time.Duration
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)
	TLS     *tls.Config

	isTold bool // nothing is guessed besides: for tests
}

// DefaultMaxRequests is how many requests a survey makes at most.
const DefaultMaxRequests = 500

// Live asks a server. It sends OPTIONS and GET and nothing else, one at a time,
// and follows no redirect.
func Live(ctx context.Context, question Question) (*Survey, error) {
	agent := &fetch.Agent{Dial: question.Dial, TLS: question.TLS}
	defer agent.Close()
	places, err := question.places(agent.Network())
	if err != nil {
		return nil, err
	}
	s := &Survey{Source: pasted.RedactURL(question.URLs[0])}
	s.secrets = question.secrets()
	s.walk(ctx, places, hints{append(slices.Clone(question.Origins), question.guesses()...), question.Methods, question.Headers, question.Origins}, cmp.Or(question.MaxRequests, DefaultMaxRequests))
	if s.Unsettled == "" && len(s.Rules) == 0 && len(question.Origins) == 0 {
		s.Unsettled = "no page is known that may read anything: name the origins of those that should be able to"
	}
	return s.settle(), nil
}

// guesses are origins that APIs often allow: pages of their own domain, and
// those that somebody works on.
func (question *Question) guesses() (all []string) {
	if question.isTold {
		return nil
	}
	for _, port := range []string{"", ":3000", ":4200", ":5173", ":8080"} {
		all = append(all, "http://localhost"+port)
	}
	if u, err := fetch.ParseURL(question.URLs[0]); err == nil {
		if domain, err := publicsuffix.EffectiveTLDPlusOne(u.Host); err == nil && !isAddress(u.Host) {
			for _, host := range []string{domain, "www." + domain, "app." + domain} {
				if host != u.Host {
					all = append(all, "https://"+host)
				}
			}
		}
	}
	return slices.DeleteFunc(all, func(o string) bool { return slices.Contains(question.Origins, o) })
}

// secrets are the values that are sent, and what they are made of.
func (question *Question) secrets() (all []string) {
	for _, f := range question.Sent {
		for _, part := range append([]string{f.Value}, strings.Fields(f.Value)...) {
			if len(part) >= 8 {
				all = append(all, part)
			}
		}
	}
	return all
}

// places are the parts to ask for, all that is wrong with them reported at once.
func (question *Question) places(network fetch.Transport) (places []place, err error) {
	var wrong []error
	first := ""
	for i, raw := range question.URLs {
		u, err := fetch.ParseURL(raw)
		if err != nil || !u.IsHTTP() {
			wrong = append(wrong, fmt.Errorf("%q is no address of an API: write one such as https://api.example.com/", pasted.RedactURL(raw)))
			continue
		}
		if u.IncludesCredentials() {
			wrong = append(wrong, fmt.Errorf("%q has a user name: leave it away", pasted.RedactURL(raw)))
			continue
		}
		host := u.Host
		if i == 0 {
			first = u.Host
		}
		if host == first {
			host = ""
		}
		places = append(places, question.place(network, u, host))
		for _, path := range question.Paths {
			if i > 0 {
				break
			}
			below, err := u.ParseURL(path)
			if !strings.HasPrefix(path, "/") || err != nil || below.Host != u.Host || below.Port != u.Port {
				wrong = append(wrong, fmt.Errorf("%q is no path: write one such as /users/", path))
				continue
			}
			places = append(places, question.place(network, below, ""))
		}
	}
	if len(question.URLs) == 0 {
		wrong = append(wrong, errors.New("there is no URL to ask"))
	}
	return places, errors.Join(wrong...)
}

func (question *Question) place(network fetch.Transport, u *fetch.URL, host string) place {
	target := u.Path
	if u.HasQuery {
		target += "?" + u.Query
	}
	path, err := url.PathUnescape(u.Path)
	if err != nil {
		path = u.Path
	}
	p := place{host: host, path: policyfile.CleanPath(path), target: u.Path, server: &live{
		network: network, url: u, target: target, sent: question.Sent, timeout: cmp.Or(question.Timeout, 10*time.Second),
	}}
	switch {
	case !strings.HasSuffix(p.path, "/"):
		p.comments = append(p.comments, fmt.Sprintf("Only %s was asked for, so this is for it alone: write %s/ for what is below it, too.", p.path, p.path))
	default:
		p.comments = append(p.comments, fmt.Sprintf("Only %s was asked for: what is below it is taken to be alike.", p.path))
	}
	return p
}

var errAlone = errors.New("what is below a single resource is another's business")

// A live server is one part of an API on the network.
type live struct {
	network fetch.Transport
	url     *fetch.URL
	target  string
	sent    fetch.Header
	timeout time.Duration
}

func (l *live) ask(ctx context.Context, r request) answer {
	if r.fails && !strings.HasSuffix(l.url.Path, "/") {
		return answer{err: errAlone}
	}
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	got, err := l.network.RoundTrip(ctx, l.request(&r))
	if err != nil {
		return answer{err: err}
	}
	if got.Body != nil {
		// The connection can be used again if little is left to read.
		_, _ = io.CopyN(io.Discard, got.Body, 64<<10)
		_ = got.Body.Close()
	}
	a := answer{status: got.Head.Status}
	for _, f := range got.Head.Header {
		a.fields = append(a.fields, field{name: f.Name, value: f.Value})
	}
	return a
}

func (l *live) request(r *request) *fetch.WireRequest {
	host := l.url.Host
	if l.url.Port != "" {
		host += ":" + l.url.Port
	}
	h := fetch.Lines("Host: "+host, "User-Agent: Mozilla/5.0 (compatible; corsac import)", "Accept: */*")
	if r.upgrade {
		h = append(h, fetch.Lines("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
			"Sec-WebSocket-Key: Y29yc2FjLXByb2JlLWtleQ==")...)
	} else {
		h.Add("Connection", "keep-alive")
	}
	for _, f := range []struct{ name, value string }{
		{"Origin", r.origin}, {"Access-Control-Request-Method", r.wantsMethod}, {"Access-Control-Request-Headers", r.wantsHeaders},
	} {
		if f.value != "" {
			h.Add(f.name, f.value)
		}
	}
	if r.method == "GET" {
		h = append(h, l.sent...)
	}
	target := l.target
	if r.fails {
		path, query, _ := strings.Cut(target, "?")
		target = strings.TrimRight(path, "/") + "/corsac-probe-not-found"
		if query != "" {
			target += "?" + query
		}
	}
	return &fetch.WireRequest{URL: l.url, Head: fetch.RequestHead{Method: r.method, Target: target, Header: h}}
}
