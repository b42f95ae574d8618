package explain

import (
	"net/http"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
)

// TestVarnishInFront has a real cache give one page what was made for another.
func TestVarnishInFront(t *testing.T) {
	t.Parallel()
	echo := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=600")
		if origin := r.Header.Get("Origin"); origin != "" {
			w.Header().Set("Access-Control-Allow-Origin", origin)
		}
	}
	varying := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Origin")
		echo(w, r)
	}
	for _, row := range []struct {
		name   string
		serve  http.HandlerFunc
		primed string // the origin that asked first
		want   Answer
		tells  []string
	}{
		{"made for another page", echo, "https://other.example", Blocked, []string{"what was made for https://other.example", "past caches: 200, Access-Control-Allow-Origin: " + app, "X-Varnish: ", "no Vary: Origin"}},
		{"made for none", echo, "", Blocked, []string{"what was made without Origin", "past caches: 200"}},
		{"told apart", varying, "https://other.example", Readable, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			upstream := start(t, row.serve)
			tr := trial{needs: []string{"varnish"}, run: func(b *bench) string {
				b.upstream = strings.TrimPrefix(upstream.URL, "http://")
				return runVarnish(b)
			}}
			q := tr.start(t, call("GET"), nil)
			prime(t, q.Request.URL, row.primed)
			r := Explain(t.Context(), q)
			if row.want == Readable {
				if r.Answer != Readable || strings.Contains(strings.Join(codesOf(r), " "), "CX-V01") {
					t.Errorf("%s: %v", r.Headline, codesOf(r))
				}
				return
			}
			fault{code: "CX-V01", tells: row.tells}.judge(t, r)
		})
	}
}

// client has a transport of its own: the end of a test's server closes idle
// connections of http.DefaultTransport, those of other tests included.
var client = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}

func prime(t *testing.T, url, origin string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
}

// TestNoCacheIsBlamed: an answer that is the same past caches is the server's.
func TestNoCacheIsBlamed(t *testing.T) {
	t.Parallel()
	s := start(t, lines(200, "Age: 12", "Cf-Cache-Status: HIT"))
	r := Explain(t.Context(), Question{Request: fetch.Request{Origin: app, URL: s.URL}})
	fault{code: "CX-O01"}.judge(t, r)
}

func TestRemembered(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		header, want string
	}{
		{"", "Chrome 5 s, Firefox 5 s, Safari 5 s"},
		{"Access-Control-Max-Age: 60", "Chrome 1 min, Firefox 1 min, Safari 1 min"},
		{"Access-Control-Max-Age: 86400", "Chrome 2 h, Firefox 24 h, Safari 10 min"},
		{"Access-Control-Max-Age: 99999999999999999999999", "Chrome 2 h, Firefox 24 h, Safari 10 min"},
		{"Access-Control-Max-Age: 0", "Chrome not at all, Firefox not at all, Safari not at all"},
		{"Access-Control-Max-Age: -1", "Chrome not at all, Firefox not at all, Safari not at all"},
		{"Access-Control-Max-Age: soon", "Chrome 5 s, Firefox not at all, Safari 5 s"},
		{"Access-Control-Max-Age: -", "Chrome 5 s, Firefox not at all, Safari 5 s"},
	} {
		head := []string{"Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: PUT"}
		if row.header != "" {
			head = append(head, row.header)
		}
		r := Explain(t.Context(), Question{Request: fetch.Request{Origin: app, URL: start(t, lines(204, head...)).URL, Method: "PUT"}, Send: true})
		if got := rememberedText(r.Remembered); got != row.want {
			t.Errorf("%q: %s, want %s", row.header, got, row.want)
		}
		if text := r.Text(Style{}); !strings.Contains(text, "kept       the preflight's answer: Chrome") {
			t.Errorf("the text does not tell:\n%s", text)
		}
		if all := strings.Join(r.Questions, "\n"); !strings.Contains(all, row.want) {
			t.Errorf("the question is not precise:\n%s", all)
		}
	}
}
