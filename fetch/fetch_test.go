package fetch_test

import (
	"testing"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/http1"
)

const page = "https://app.example.com"

func TestSimpleGETIsReadable(t *testing.T) {
	t.Parallel()
	server := serveRaw(t, "127.0.0.1", func(*http1.RequestHead) string {
		return ok("hello", "access-control-allow-ORIGIN: "+page, "X-Hidden: 1", "Cache-Control: no-store")
	})
	var agent fetch.Agent
	t.Cleanup(agent.Close)
	verdict := agent.Fetch(t.Context(), fetch.Request{Origin: page, URL: server.origin + "/users?q#f"})
	if !verdict.OK() {
		t.Fatal(verdict.Failure)
	}
	r := verdict.Response
	if r.Type != fetch.CORSResponse || r.Status != 200 || string(r.Body) != "hello" || r.URL != server.origin+"/users?q" {
		t.Errorf("response %+v", r)
	}
	if !r.Header.Has("cache-control") || r.Header.Has("x-hidden") {
		t.Errorf("the page reads %v", r.Header)
	}
	if len(verdict.Exchanges) != 1 || verdict.Exchanges[0].RequestHead != server.requests()[0].Raw {
		t.Errorf("exchanges %+v", verdict.Exchanges)
	}
	if origin, _ := server.requests()[0].Header.Get("Origin"); origin != page {
		t.Errorf("Origin: %s", origin)
	}
}

func TestPreflightedPOST(t *testing.T) {
	t.Parallel()
	server := serveRaw(t, "127.0.0.1", func(r *http1.RequestHead) string {
		if r.Method == "OPTIONS" {
			return respond("204 No Content", "", "Access-Control-Allow-Origin: "+page, "Access-Control-Allow-Headers: content-type, X-B")
		}
		return ok("{}", "Access-Control-Allow-Origin: "+page)
	})
	var agent fetch.Agent
	t.Cleanup(agent.Close)
	request := fetch.Request{
		Origin: page, URL: server.origin + "/users", Method: "post", Body: []byte(`{"name":"x"}`),
		Header: fetch.Lines("x-b: 1", "Content-Type: application/json"),
	}
	verdict := agent.Fetch(t.Context(), request)
	if !verdict.OK() {
		t.Fatal(verdict.Failure)
	}
	seen := server.requests()
	if len(seen) != 2 || seen[0].Method != "OPTIONS" || seen[1].Method != "POST" {
		t.Fatalf("requests %v", seen)
	}
	for name, want := range map[string]string{
		"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-b", "Origin": page,
	} {
		if got, _ := seen[0].Header.Get(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	request.Header = append(request.Header, fetch.Field{Name: "X-C", Value: "2"})
	verdict = agent.Fetch(t.Context(), request)
	if f := verdict.Failure; f == nil || f.Kind != fetch.HeaderNotAllowed || f.Name != "x-c" || !f.Preflight {
		t.Errorf("failure %+v", f)
	}
}
