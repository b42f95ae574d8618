package pasted_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
)

func parseHAR(t *testing.T, name string) *pasted.Pasted {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := pasted.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if p.Form != pasted.HAR {
		t.Fatalf("form %s", p.Form)
	}
	return p
}

// replay fetches a request of a HAR again, without a network.
func replay(t *testing.T, f *pasted.Found) fetch.Verdict {
	t.Helper()
	agent := fetch.Agent{Transport: f.Recorded}
	t.Cleanup(agent.Close)
	return agent.Fetch(t.Context(), f.Request)
}

func TestChromeHAR(t *testing.T) {
	t.Parallel()
	p := parseHAR(t, "chrome.har")
	if p.Browser != "chrome" || !told(p.Notes, pasted.WebSocket, "") {
		t.Errorf("by %q, notes %+v", p.Browser, p.Notes)
	}
	type row struct {
		request string
		failed  bool
		kind    fetch.Kind // of the replay
		pre     bool
	}
	var got []row
	for i := range p.Requests {
		f := &p.Requests[i]
		verdict := replay(t, f)
		r := row{request: f.Request.Method + " " + f.Request.URL, failed: f.Failed, kind: verdict.Kind()}
		if verdict.Failure != nil {
			r.pre = verdict.Failure.Preflight
		}
		got = append(got, r)
	}
	want := []row{
		{"POST https://api.example.com/users", true, fetch.MissingAllowOrigin, true},
		{"GET https://api.example.com/orders", true, fetch.MissingAllowOrigin, false},
		{"PUT https://api.example.com/users/1", false, "", false},
		{"GET https://api.example.com/file", true, fetch.AllowOriginMismatch, false},
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, want\n%+v", got, want)
	}
	if failed := p.Failed(); len(failed) != 3 {
		t.Errorf("%d failed", len(failed))
	}
}

func TestWhatTheExporterTookOut(t *testing.T) {
	t.Parallel()
	post := parseHAR(t, "chrome.har").Requests[0]
	want := fetch.Request{
		Origin: appPage, Page: "http://localhost:3000/users?page=1", URL: "https://api.example.com/users", Method: "POST",
		Header: fetch.Header{
			{Name: "accept", Value: "application/json"}, {Name: "content-type", Value: "application/json"},
			{Name: "itemsperpage", Value: "10"}, {Name: "authorization", Value: pasted.Unknown},
		},
		Body: []byte(`{"name":"x"}`), BodyType: "application/json",
	}
	if !reflect.DeepEqual(post.Request, want) {
		t.Errorf("%+v, want\n%+v", post.Request, want)
	}
	if !told(post.Notes, pasted.HeaderRestored, `"authorization"`) || !told(post.Notes, pasted.Sanitized, "") {
		t.Errorf("notes %+v", post.Notes)
	}
	stack := post.Recorded.Initiator.Stack
	if len(stack) != 2 || stack[0] != (pasted.Frame{Function: "save", URL: appPage + "/app.js", Line: 42, Column: 9}) {
		t.Errorf("stack %+v", stack)
	}
}

func TestThePreflightKnowsWhatTheScriptSet(t *testing.T) {
	t.Parallel()
	put := parseHAR(t, "chrome.har").Requests[2]
	if put.Request.Header.Has("x-b") || !put.Request.Header.Has("x-a") {
		t.Errorf("the script set %v", put.Request.Header)
	}
	if !told(put.Notes, pasted.HeadersRemoved, "x-b") {
		t.Errorf("notes %+v", put.Notes)
	}
}

func TestRedirectsAreOneRequest(t *testing.T) {
	t.Parallel()
	file := parseHAR(t, "chrome.har").Requests[3]
	if n := len(file.Recorded.Exchanges); n != 2 {
		t.Fatalf("%d exchanges", n)
	}
	verdict := replay(t, &file)
	if len(verdict.URLs) != 2 || verdict.Failure.Hop != 1 {
		t.Errorf("verdict %+v", verdict.Failure)
	}
}

func TestFirefoxHAR(t *testing.T) {
	t.Parallel()
	p := parseHAR(t, "firefox.har")
	if p.Browser != "firefox" || len(p.Requests) != 2 {
		t.Fatalf("by %q: %+v", p.Browser, p.Requests)
	}
	remove, me := p.Requests[0], p.Requests[1]
	if verdict := replay(t, &remove); verdict.Kind() != fetch.MethodNotAllowed || !remove.Failed {
		t.Errorf("%+v: %v", remove.Request, verdict.Failure)
	}
	if verdict := replay(t, &me); verdict.Kind() != fetch.WildcardWithCredentials || !me.Failed || me.Cookie != "sid=1" {
		t.Errorf("%+v: %v", me.Request, verdict.Failure)
	}
	if me.Request.Page != "http://localhost:3000/" || me.Request.Header.Has("If-None-Match") {
		t.Errorf("%+v", me.Request)
	}
}

func TestSafariHAR(t *testing.T) {
	t.Parallel()
	p := parseHAR(t, "safari.har")
	if p.Browser != "safari" || len(p.Requests) != 1 {
		t.Fatalf("by %q: %+v", p.Browser, p.Requests)
	}
	users := p.Requests[0]
	if users.Failed || !told(users.Notes, pasted.PreflightMissing, "cache") || users.Request.Page != "http://localhost:3000/users" {
		t.Errorf("%+v", users)
	}
	if verdict := replay(t, &users); !errors.Is(verdict.Failure, pasted.ErrNotRecorded) {
		t.Errorf("verdict %v", verdict.Failure)
	}
}

func TestALonePreflight(t *testing.T) {
	t.Parallel()
	p, err := pasted.Parse([]byte(`{"log": {"entries": [{"request": {"method": "OPTIONS", "url": "https://a.test/", "headers": [
		{"name": "Origin", "value": "https://p.test"}, {"name": "Access-Control-Request-Method", "value": "PUT"}]},
		"response": {"status": 405, "headers": []}}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Requests) != 1 || p.Requests[0].Request.Method != "PUT" || !p.Requests[0].Failed {
		t.Fatalf("%+v", p.Requests)
	}
	if verdict := replay(t, &p.Requests[0]); verdict.Kind() != fetch.MissingAllowOrigin || !verdict.Failure.Preflight {
		t.Errorf("verdict %v", verdict.Failure)
	}
}

func TestNoRequestCrossesAnOrigin(t *testing.T) {
	t.Parallel()
	p, err := pasted.Parse([]byte(`{"log": {"pages": [{"id": "p", "title": "https://a.test/"}], "entries": [
		{"pageref": "p", "_resourceType": "fetch", "request": {"method": "GET", "url": "https://a.test/x"}, "response": {"status": 200}}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Requests) != 0 || !told(p.Notes, pasted.NothingCORS, "1 requests") {
		t.Errorf("%+v", p)
	}
}

// Files of thousands of requests to one address are no trouble.
func TestALongHAR(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`{"log": {"entries": [`)
	const n = 5000
	for i := range n {
		fmt.Fprintf(&b, `{"startedDateTime": "2026-11-22T10:%02d:%02d.%03dZ", "request": {"method": "GET", "url": "https://a.test/poll", "headers": [{"name": "Origin", "value": "https://p.test"}]}, "response": {"status": 200, "headers": [{"name": "Access-Control-Allow-Origin", "value": "*"}]}},`,
			i/600, i/10%60, i%10*100)
	}
	b.WriteString(`{}]}}`)
	p, err := pasted.Parse([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Requests) != n || len(p.Failed()) != 0 {
		t.Errorf("%d requests, %d failed", len(p.Requests), len(p.Failed()))
	}
}
