package fetch_test

import (
	"context"
	"io"
	"net/netip"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
)

// A script is a transport that answers from memory: from "200", header lines,
// and the body behind an empty line, by line breaks.
type script struct {
	answer func(*fetch.WireRequest) string
	addr   netip.AddrPort // of every server
	sent   []*fetch.WireRequest
}

// scripted gives every request the same answer, but for preflights, which are
// allowed what they ask for.
func scripted(lines ...string) *script {
	return &script{answer: func(w *fetch.WireRequest) string {
		if w.Head.Method == "OPTIONS" {
			return permission(w)
		}
		return strings.Join(lines, "\n")
	}}
}

func permission(w *fetch.WireRequest) string {
	asked := func(name string) string { value, _ := w.Head.Header.Get(name); return value }
	return "204\nAccess-Control-Allow-Origin: " + asked("Origin") + "\nAccess-Control-Allow-Credentials: true\nAccess-Control-Allow-Methods: " +
		asked("Access-Control-Request-Method") + "\nAccess-Control-Allow-Headers: " + asked("Access-Control-Request-Headers")
}

func (s *script) RoundTrip(_ context.Context, w *fetch.WireRequest) (*fetch.WireResponse, error) {
	if w.Admit != nil {
		if err := w.Admit(s.addr); err != nil {
			return nil, err
		}
	}
	s.sent = append(s.sent, w)
	head, body, _ := strings.Cut(s.answer(w), "\n\n")
	lines := strings.Split(head, "\n")
	answer := &fetch.WireResponse{RemoteAddr: s.addr, Protocol: "HTTP/1.1", Head: fetch.ResponseHead{Header: fetch.Lines(lines[1:]...)}}
	for _, digit := range lines[0] {
		answer.Head.Status = answer.Head.Status*10 + int(digit-'0')
	}
	if body != "" {
		answer.Body = io.NopCloser(strings.NewReader(body))
	}
	return answer, nil
}

// sentHeader returns the value of a header of the last request that was sent.
func (s *script) sentHeader(name string) string {
	value, found := s.sent[len(s.sent)-1].Head.Header.Get(name)
	if !found {
		return "(none)"
	}
	return value
}

func (s *script) methods() string {
	var methods []string
	for _, w := range s.sent {
		methods = append(methods, w.Head.Method)
	}
	return strings.Join(methods, " ")
}

// get fetches over a script with a zero agent.
func (s *script) fetch(t *testing.T, r fetch.Request) fetch.Verdict {
	t.Helper()
	agent := fetch.Agent{Transport: s}
	return agent.Fetch(t.Context(), r)
}
