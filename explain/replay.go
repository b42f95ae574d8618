package explain

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"

	"github.com/corsac-cors/corsac/fetch"
)

// A turn is the place of an exchange in a fetch. Addresses would not do: what
// is mended may lead elsewhere.
type turn struct {
	hop       int
	preflight bool
}

func (t turn) String() string {
	if t.preflight {
		return "preflight"
	}
	return "request"
}

// A reply is what a server answered in a turn, or would once it is mended.
type reply struct {
	head fetch.ResponseHead
	err  error
	addr netip.AddrPort
	seen bool // it came from the server
}

// A replay answers as the server did. It makes verdicts of other browsers, and
// of a server that does better, without asking again.
type replay struct {
	replies map[turn]*reply
	asked   []turn // what a fetch asked for, in order
	urls    map[turn]string
	hop     int
	last    string
}

// newReplay holds what was recorded in a verdict.
func newReplay(v *fetch.Verdict) *replay {
	p := &replay{replies: make(map[turn]*reply)}
	for i := range v.Exchanges {
		x := &v.Exchanges[i]
		if x.Err != nil && wasWithheld(v) {
			continue
		}
		r := &reply{head: x.Response, err: x.Err, addr: x.RemoteAddr, seen: true}
		if isAddressSpace(x.Err) {
			r.head, r.err, r.seen = emptyHead(), nil, false // asked again for every browser
		}
		p.replies[turn{x.Hop, x.Preflight}] = r
	}
	return p
}

func isAddressSpace(err error) bool {
	return errors.Is(err, fetch.LocalNetworkAccess) || errors.Is(err, fetch.TargetAddressSpace)
}

func emptyHead() fetch.ResponseHead { return fetch.ResponseHead{Version: "HTTP/1.1", Status: 200} }

// clone copies the replies, for changes that shall not be seen elsewhere.
func (p *replay) clone() *replay {
	copied := &replay{replies: make(map[turn]*reply, len(p.replies))}
	for at, r := range p.replies {
		c := *r
		c.head.Header = r.head.Header.Clone()
		copied.replies[at] = &c
	}
	return copied
}

// run fetches once.
func (p *replay) run(profile fetch.Profile, r fetch.Request) fetch.Verdict {
	p.asked, p.urls, p.hop, p.last = nil, make(map[turn]string), -1, ""
	agent := fetch.Agent{Profile: profile, Transport: p}
	return agent.Fetch(context.Background(), r)
}

// RoundTrip answers the turn. What was never asked of the server gets an answer
// of which nothing is known but that it is one.
func (p *replay) RoundTrip(_ context.Context, w *fetch.WireRequest) (*fetch.WireResponse, error) {
	at := p.turnOf(w)
	p.asked = append(p.asked, at)
	p.urls[at] = w.URL.WithoutFragment()
	r := p.replies[at]
	if r == nil {
		r = &reply{head: emptyHead()}
		p.replies[at] = r
	}
	if w.Admit != nil && r.addr.IsValid() {
		if err := w.Admit(r.addr); err != nil {
			return &fetch.WireResponse{RemoteAddr: r.addr}, err
		}
	}
	if r.err != nil {
		return &fetch.WireResponse{}, r.err
	}
	return &fetch.WireResponse{Head: r.head, Body: io.NopCloser(bytes.NewReader(nil)), Protocol: "HTTP/1.1"}, nil
}

// turnOf counts hops: a request that is no preflight ends one.
func (p *replay) turnOf(w *fetch.WireRequest) turn {
	preflight := isPreflight(w)
	if p.last == "" || p.last == "request" {
		p.hop++
	}
	at := turn{p.hop, preflight}
	p.last = at.String()
	return at
}

func isPreflight(w *fetch.WireRequest) bool {
	return w.Head.Method == "OPTIONS" && w.Head.Header.Has("Access-Control-Request-Method")
}
