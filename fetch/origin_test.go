package fetch

import (
	"strconv"
	"strings"
	"testing"
)

func TestOrigin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, url, want string }{
		{"http", "http://a.test:8080/x", "http://a.test:8080"},
		{"default port", "https://a.test:443", "https://a.test"},
		{"WebSocket", "wss://a.test", "wss://a.test"},
		{"ftp", "ftp://a.test:21/", "ftp://a.test"},
		{"blob of a page", "blob:https://a.test/uuid", "https://a.test"},
		{"blob of nobody", "blob:null/uuid", "null"},
		{"blob of ftp", "blob:ftp://a.test/uuid", "null"},
		{"file", "file:///x", "null"},
		{"data", "data:,x", "null"},
		{"other scheme", "app://a.test/", "null"},
		{"IPv6", "http://[2001:db8:0::1]/", "http://[2001:db8::1]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			u, err := ParseURL(test.url)
			if err != nil || u.Origin().String() != test.want {
				t.Errorf("%v, %v, want %s", u.Origin(), err, test.want)
			}
		})
	}
}

func TestParseOrigin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in, want string
		ok       bool
	}{
		{"https://a.test", "https://a.test", true},
		{"HTTPS://A.test:443/", "https://a.test", true},
		{"null", "null", true},
		{"https://a.test/x", "", false},
		{"https://u@a.test", "", false},
		{"chrome-extension://abc", "chrome-extension://abc", true},
		{"moz-extension://2c127fa4-62c7/", "moz-extension://2c127fa4-62c7", true},
		{"capacitor://localhost:1", "capacitor://localhost:1", true},
		{"chrome-extension://abc/page.html", "", false},
		{"mailto:a", "", false},
		{"x://", "", false},
		{"file://host", "", false},
		{"file:///x", "", false},
		{"a.test", "", false},
		{"", "", false},
	} {
		o, err := ParseOrigin(test.in)
		if (err == nil) != test.ok || test.ok && o.String() != test.want {
			t.Errorf("%q: %v, %v", test.in, o, err)
		}
	}
}

func TestSameOriginAndSite(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b         string
		origin, site bool
	}{
		{"https://a.test", "https://a.test:443", true, true},
		{"https://a.test", "https://a.test:8443", false, true},
		{"https://a.test", "http://a.test", false, false},
		{"https://a.test", "https://b.a.test", false, true},
		{"https://a.test", "https://a.test.", false, false},
		{"https://x.a.co.uk", "https://y.a.co.uk", false, true},
		{"https://a.co.uk", "https://b.co.uk", false, false},
		{"https://a.github.io", "https://b.github.io", false, false}, // the private section counts
		{"https://github.io", "https://a.github.io", false, false},
		{"http://127.0.0.1", "http://127.0.0.1:8080", false, true},
		{"http://127.0.0.1", "http://127.0.0.2", false, false},
		{"http://10.0.0.1", "http://11.0.0.1", false, false},
		{"http://[::1]", "http://[::1]:1", false, true},
		{"http://localhost:1", "http://localhost:2", false, true},
		{"http://localhost", "http://127.0.0.1", false, false},
		{"http://a.localhost", "http://b.localhost", false, false},
		{"http://x.a.localhost", "http://a.localhost", false, true},
		{"null", "null", false, false},
		{"null", "https://a.test", false, false},
	} {
		a, errA := ParseOrigin(test.a)
		b, errB := ParseOrigin(test.b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if got := SameOrigin(a, b); got != test.origin || SameOrigin(b, a) != got {
			t.Errorf("%s and %s: same origin %t", a, b, got)
		}
		if got := SameSite(a, b); got != test.site || SameSite(b, a) != got {
			t.Errorf("%s and %s: same site %t", a, b, got)
		}
	}
	o := NewOpaqueOrigin()
	if !SameOrigin(o, o) || !SameSite(o, o) || SameOrigin(o, NewOpaqueOrigin()) || SameOrigin(Origin{}, Origin{}) {
		t.Error("an opaque origin is the same as itself and no other")
	}
}

func TestIsPotentiallyTrustworthy(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"https://a.test": true, "http://a.test": false, "http://localhost:1": true, "http://a.localhost": true,
		"http://127.1.2.3": true, "http://[::1]": true, "http://10.0.0.1": false, "http://localhost.a.test": false,
		"http://notlocalhost": false, "wss://a.test": true, "data:,x": false,
	} {
		u, err := ParseURL(url)
		if err != nil || isPotentiallyTrustworthy(u.Origin()) != want {
			t.Errorf("%s: want %t (%v)", url, want, err)
		}
	}
}

func TestRedirectTaint(t *testing.T) {
	t.Parallel()
	const page, sub, a, b = "https://page.test", "https://api.page.test", "https://a.test", "https://b.test"
	for _, test := range []struct {
		name string
		urls []string
		want taint
	}{
		{"no redirect", []string{a}, taintSameOrigin},
		{"within an origin", []string{a, a, a}, taintSameOrigin},
		{"from the page", []string{page, a}, taintSameOrigin},
		{"from the page and on", []string{page, a, a}, taintSameOrigin},
		{"to a third", []string{a, b}, taintCrossSite},
		{"back to the page", []string{a, page}, taintCrossSite},
		{"page, another, a third", []string{page, a, b}, taintCrossSite},
		{"page, another, page", []string{page, a, page}, taintCrossSite},
		{"same site to the page", []string{sub, page}, taintSameSite},
		{"same site to another", []string{sub, a}, taintSameSite}, // the page is same site with it
		{"same site on another port", []string{sub, sub + ":8443"}, taintSameSite},
		{"same site, then cross", []string{sub, page, a, b}, taintCrossSite},
		{"stays tainted", []string{a, b, b, b}, taintCrossSite},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			origin, err := ParseOrigin(page)
			if err != nil {
				t.Fatal(err)
			}
			r := request{origin: origin}
			for _, text := range test.urls {
				u, err := ParseURL(text)
				if err != nil {
					t.Fatal(err)
				}
				r.urls = append(r.urls, u)
			}
			if got := r.redirectTaint(); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestRegistrableDomainForgetsAndRemembers(t *testing.T) {
	t.Parallel()
	for range 2 {
		for i := range 4 * len(lookedUp) { // more than are remembered
			n := strconv.Itoa(i)
			for host, want := range map[string]string{
				"www.a" + n + ".com": "a" + n + ".com", strings.Repeat("a.", 200) + n + ".com": n + ".com", "a" + n + ".co.uk": "a" + n + ".co.uk", "com": "", "[::" + n + "]": "",
			} {
				if got := RegistrableDomain(host); got != want {
					t.Errorf("%q has the registrable domain %q, want %q", host, got, want)
				}
			}
		}
	}
}
