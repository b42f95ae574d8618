package fetch_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
)

func TestHandler(t *testing.T) {
	t.Parallel()
	agent := fetch.Agent{Transport: fetch.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		h.Set("Access-Control-Expose-Headers", "*")
		switch r.URL.Path {
		case "/panic":
			panic(http.ErrAbortHandler)
		case "/nothing":
			return
		case "/interim":
			w.WriteHeader(http.StatusEarlyHints)
		case "/late":
			w.WriteHeader(http.StatusTeapot)
			w.WriteHeader(http.StatusOK)
			h.Set("X-Late", "1")
			return
		case "/flush":
			w.(http.Flusher).Flush()
			h.Set("X-Late", "1")
		case "/empty":
			w.WriteHeader(http.StatusNoContent)
			if _, err := io.WriteString(w, "x"); err == nil {
				t.Error("a body was written to 204")
			}
			return
		}
		h.Add("X-A", " 1\n2 ")
		h.Add("X-A", "3")
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %s %s", r.Method, r.Host, r.RequestURI, r.Header["X-B"], body)
	}))}
	get := func(path, method string) fetch.Verdict {
		r := fetch.Request{Origin: page, URL: "http://localhost:81" + path, Method: method, Header: fetch.Lines("Accept-Language: en")}
		if method == "POST" {
			r.Body, r.BodyType = []byte("body"), "text/plain"
		}
		return agent.Fetch(t.Context(), r)
	}
	for _, test := range []struct {
		path, method, want string
	}{
		{"/a%20b?c=d", "GET", `200 "GET localhost:81 /a%20b?c=d [] " len=31 type=text/plain; charset=utf-8 late=`},
		{"/", "POST", `200 "POST localhost:81 / [] body" len=27 type=text/plain; charset=utf-8 late=`},
		{"/", "HEAD", `200 "" len= type= late=`},
		{"/nothing", "GET", `200 "" len=0 type= late=`},
		{"/late", "GET", `418 "" len=0 type= late=`},
		{"/flush", "GET", `200 "GET localhost:81 /flush [] " len= type=text/plain; charset=utf-8 late=`},
		{"/empty", "GET", `204 "" len= type= late=`},
	} {
		verdict := get(test.path, test.method)
		if !verdict.OK() {
			t.Errorf("%s: %v", test.path, verdict.Failure)
			continue
		}
		r := verdict.Response
		value := func(name string) string { v, _ := r.Header.Get(name); return v }
		if got := fmt.Sprintf("%d %q len=%s type=%s late=%s", r.Status, r.Body, value("Content-Length"), value("Content-Type"), value("X-Late")); got != test.want {
			t.Errorf("%s %s: %s, want %s", test.method, test.path, got, test.want)
		}
	}
	verdict := get("/interim", "GET")
	if x := verdict.Exchanges[0]; len(x.Interim) != 1 || x.Interim[0].Status != 103 || x.Response.Raw == "" || x.RequestHead == "" {
		t.Errorf("exchange %+v", x)
	}
	if got := fmt.Sprintf("%q", verdict.Response.Header.Values("X-A")); got != `["1 2" "3"]` {
		t.Errorf("X-A: %s", got)
	}
	if verdict := get("/panic", "GET"); verdict.Kind() != fetch.ConnectionClosed {
		t.Errorf("panic: %v", verdict.Failure)
	}
}
