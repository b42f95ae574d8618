package export

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/lab"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if inUse != nil {
		inUse.Close()
	}
	os.Exit(code)
}

var inUse *lab.Browser // what chromium has started

// chromium is one for all targets; it starts when it is first used.
var chromium = sync.OnceValues(func() (*lab.Browser, error) {
	var err error
	inUse, err = lab.Start(context.Background(), "chromium", lab.Hosts("app.example.com", "evil.example.net", "api.example.com"))
	return inUse, err
})

// proveInChromium has pages of two origins call the server from a real browser.
func proveInChromium(t *testing.T, target Target, start start) {
	lab.Need(t, "chromium")
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<!doctype html><title>a page</title>")
	}))
	t.Cleanup(pages.Close)
	_, port, _ := net.SplitHostPort(pages.Listener.Addr().String())
	allowed, other := "http://app.example.com:"+port, "http://evil.example.net:"+port
	policy, err := corsac.New(corsac.Rule{
		Origins: []string{allowed}, Methods: []string{"PUT"}, Headers: []string{"Authorization"},
		Expose: []string{"ETag"}, Credentials: true,
	}, corsac.Rule{Path: "/open/", Origins: []string{"*"}})
	if err != nil {
		t.Fatal(err)
	}
	e := target.Export(policy, "chromium.yaml")
	server, err := url.Parse(start(t, stand{Export: e, api: serveAPI(t)}))
	if err != nil {
		t.Fatal(err)
	}
	base := "http://api.example.com:" + server.Port()
	b, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, page, path, init, want string
	}{
		{"simple", allowed, "/", `{}`, `200 "1"`},
		{"with cookies", allowed, "/", `{credentials: "include"}`, `200 "1"`},
		{"after a preflight", allowed, "/", `{method: "PUT", headers: {Authorization: "Bearer x"}}`, `200 "1"`},
		{"a method that is not listed", allowed, "/", `{method: "DELETE"}`, "blocked"},
		{"a header that is not listed", allowed, "/", `{headers: {"X-Other": "1"}}`, "blocked"},
		{"an error", allowed, "/?status=500", `{}`, `500 "1"`},
		{"open to all", allowed, "/open/", `{}`, `200 null`},
		{"another page, simple", other, "/", `{}`, "blocked"},
		{"another page, with cookies", other, "/", `{credentials: "include"}`, "blocked"},
		{"another page, after a preflight", other, "/", `{method: "PUT"}`, "blocked"},
		{"another page, open to all", other, "/open/", `{}`, `200 null`},
		{"another page, open to all, with cookies", other, "/open/", `{credentials: "include"}`, "blocked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tab := b.Open(t, c.page+"/")
			address, _ := json.Marshal(base + c.path)
			got := lab.Value[string](tab, fmt.Sprintf(
				`fetch(%s, %s).then((r) => r.status + " " + r.headers.get("ETag"), () => "blocked")`, address, c.init))
			effect := Narrower
			if c.want == "blocked" {
				effect = Wider
			}
			lost := slices.ContainsFunc(e.Losses, func(l Loss) bool { return l.Effect == effect && !isBesideCorpus(l) })
			if got != c.want && !lost {
				t.Errorf("the page gets %q, not %q", got, c.want)
			}
		})
	}
}
