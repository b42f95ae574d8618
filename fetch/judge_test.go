package fetch_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
)

const api = "https://api.test"

func TestConstructorThrows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		in   fetch.Request
		want fetch.Kind
	}{
		{"no page", fetch.Request{URL: api}, fetch.InvalidOrigin},
		{"origin that is none", fetch.Request{Origin: "app.test", URL: api}, fetch.InvalidOrigin},
		{"page that is no URL", fetch.Request{Page: "app.test", URL: api}, fetch.InvalidOrigin},
		{"no URL", fetch.Request{Origin: page, URL: "https://"}, fetch.InvalidURL},
		{"relative URL in a page without address", fetch.Request{Origin: "null", URL: "/x"}, fetch.InvalidURL},
		{"URL with credentials", fetch.Request{Origin: page, URL: "https://u@api.test"}, fetch.URLCredentials},
		{"empty credentials", fetch.Request{Origin: page, URL: "https://:@api.test"}, ""},
		{"mode", fetch.Request{Origin: page, URL: api, Mode: "navigate"}, fetch.InvalidOption},
		{"credentials", fetch.Request{Origin: page, URL: api, Credentials: "yes"}, fetch.InvalidOption},
		{"redirect", fetch.Request{Origin: page, URL: api, Redirect: "x"}, fetch.InvalidOption},
		{"cache", fetch.Request{Origin: page, URL: api, Cache: "x"}, fetch.InvalidOption},
		{"referrer policy", fetch.Request{Origin: page, URL: api, ReferrerPolicy: "x"}, fetch.InvalidOption},
		{"only-if-cached", fetch.Request{Origin: page, URL: api, Cache: fetch.CacheOnlyIfCached}, fetch.OnlyIfCached},
		{"referrer", fetch.Request{Origin: page, URL: api, Referrer: "https://"}, fetch.InvalidReferrer},
		{"method", fetch.Request{Origin: page, URL: api, Method: "a b"}, fetch.InvalidMethod},
		{"forbidden method", fetch.Request{Origin: page, URL: api, Method: "Trace"}, fetch.ForbiddenMethod},
		{"no-cors PUT", fetch.Request{Origin: page, URL: api, Method: "put", Mode: fetch.ModeNoCORS}, fetch.NoCORSMethod},
		{"body of GET", fetch.Request{Origin: page, URL: api, Body: []byte("x")}, fetch.BodyNotAllowed},
		{"header name", fetch.Request{Origin: page, URL: api, Header: fetch.Lines("a b: c")}, fetch.InvalidHeaderName},
		{"header value", fetch.Request{Origin: page, URL: api, Header: fetch.Lines("a: b\nc")}, fetch.InvalidHeaderValue},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := scripted("200", "Access-Control-Allow-Origin: *")
			verdict := s.fetch(t, test.in)
			if verdict.Kind() != test.want {
				t.Fatalf("%v, want %q", verdict.Failure, test.want)
			}
			if test.want != "" && (len(s.sent) != 0 || verdict.Kind().Family() != fetch.Misuse || verdict.Failure.Exchange != -1) {
				t.Errorf("%d requests were sent; %+v", len(s.sent), verdict.Failure)
			}
		})
	}
}

func TestOriginHeader(t *testing.T) {
	t.Parallel()
	const insecure = "http://app.test"
	for _, test := range []struct {
		name   string
		in     fetch.Request
		want   string
		status string
	}{
		{name: "GET of the page's own", in: fetch.Request{Origin: page, URL: "/x"}, want: "(none)"},
		{name: "POST of the page's own", in: fetch.Request{Origin: page, URL: "/x", Method: "POST"}, want: page},
		{name: "PUT of the page's own", in: fetch.Request{Origin: page, URL: "/x", Method: "PUT", ReferrerPolicy: fetch.NoReferrer}, want: page},
		{name: "CORS GET", in: fetch.Request{Origin: page, URL: api}, want: page},
		{name: "CORS GET without referrer", in: fetch.Request{Origin: page, URL: api, ReferrerPolicy: fetch.NoReferrer}, want: page},
		{name: "of a sandboxed frame", in: fetch.Request{Origin: "null", URL: api}, want: "null"},
		{name: "no-cors GET", in: fetch.Request{Origin: page, URL: api, Mode: fetch.ModeNoCORS}, want: "(none)"},
		{name: "no-cors HEAD", in: fetch.Request{Origin: page, URL: api, Mode: fetch.ModeNoCORS, Method: "HEAD"}, want: "(none)"},
		{name: "no-cors POST", in: fetch.Request{Origin: page, URL: api, Mode: fetch.ModeNoCORS, Method: "POST"}, want: page},
		{name: "no-cors POST without referrer", in: fetch.Request{Origin: page, URL: api, Mode: fetch.ModeNoCORS, Method: "POST", ReferrerPolicy: fetch.NoReferrer}, want: "null"},
		{name: "no-cors POST, same-origin policy", in: fetch.Request{Origin: page, URL: api, Mode: fetch.ModeNoCORS, Method: "POST", ReferrerPolicy: fetch.SameOriginReferrer}, want: "null"},
		{name: "no-cors POST, downgrade", in: fetch.Request{Origin: page, URL: "http://localhost", Mode: fetch.ModeNoCORS, Method: "POST"}, want: "null"},
		{name: "no-cors POST, downgrade, unsafe-url", in: fetch.Request{Origin: page, URL: "http://localhost", Mode: fetch.ModeNoCORS, Method: "POST", ReferrerPolicy: fetch.UnsafeURL}, want: page},
		{name: "no-cors POST of an insecure page", in: fetch.Request{Origin: insecure, URL: "http://api.test", Mode: fetch.ModeNoCORS, Method: "POST"}, want: insecure},
		{name: "same-origin POST, same-origin policy", in: fetch.Request{Origin: page, URL: "/", Mode: fetch.ModeSameOrigin, Method: "POST", ReferrerPolicy: fetch.SameOriginReferrer}, want: page},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := scripted("200", "Access-Control-Allow-Origin: *")
			if verdict := s.fetch(t, test.in); !verdict.OK() {
				t.Fatal(verdict.Failure)
			}
			if got := s.sentHeader("Origin"); got != test.want {
				t.Errorf("Origin: %s, want %s", got, test.want)
			}
		})
	}
}

func TestReferer(t *testing.T) {
	t.Parallel()
	const from = "https://app.example.com/dir/file?q#f"
	for _, test := range []struct {
		policy         fetch.ReferrerPolicy
		own, other, lo string // to the page's own origin, to another, to http
	}{
		{"", "https://app.example.com/dir/file?q", "https://app.example.com/", "https://app.example.com/"},
		{fetch.NoReferrer, "(none)", "(none)", "(none)"},
		{fetch.SameOriginReferrer, "https://app.example.com/dir/file?q", "(none)", "(none)"},
		{fetch.OriginReferrer, "https://app.example.com/", "https://app.example.com/", "https://app.example.com/"},
		{fetch.StrictOrigin, "https://app.example.com/", "https://app.example.com/", "https://app.example.com/"},
		{fetch.UnsafeURL, "https://app.example.com/dir/file?q", "https://app.example.com/dir/file?q", "https://app.example.com/dir/file?q"},
		{fetch.NoReferrerWhenDowngrade, "https://app.example.com/dir/file?q", "https://app.example.com/dir/file?q", "https://app.example.com/dir/file?q"},
		{fetch.OriginWhenCrossOrigin, "https://app.example.com/dir/file?q", "https://app.example.com/", "https://app.example.com/"},
	} {
		for url, want := range map[string]string{"/x": test.own, api: test.other, "http://localhost/": test.lo} {
			s := scripted("200", "Access-Control-Allow-Origin: *")
			s.fetch(t, fetch.Request{Page: from, URL: url, ReferrerPolicy: test.policy})
			if got := s.sentHeader("Referer"); got != want {
				t.Errorf("%s to %s: %s, want %s", test.policy, url, got, want)
			}
		}
	}
	s := scripted("200", "Access-Control-Allow-Origin: *")
	s.fetch(t, fetch.Request{Page: from, URL: api, Referrer: "https://u:p@app.example.com/r#f", ReferrerPolicy: fetch.UnsafeURL})
	if got := s.sentHeader("Referer"); got != "https://app.example.com/r" {
		t.Errorf("a referrer with a password: %s", got)
	}
	s.fetch(t, fetch.Request{Page: from, URL: api, Referrer: "https://evil.test/x", ReferrerPolicy: fetch.UnsafeURL})
	if got := s.sentHeader("Referer"); got != "https://app.example.com/dir/file?q" {
		t.Errorf("another page's referrer: %s", got)
	}
}

func TestFetchMetadata(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://app.example.com/x": "same-origin cors", "https://api.example.com/": "same-site cors",
		"https://api.test/": "cross-site cors", "https://app.example.com:8443/": "same-site cors",
	} {
		s := scripted("200", "Access-Control-Allow-Origin: *")
		s.fetch(t, fetch.Request{Origin: page, URL: url})
		if got := s.sentHeader("Sec-Fetch-Site") + " " + s.sentHeader("Sec-Fetch-Mode"); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
	s := scripted("200", "Access-Control-Allow-Origin: *")
	s.fetch(t, fetch.Request{Origin: "http://app.test", URL: "http://api.test"})
	if got := s.sentHeader("Sec-Fetch-Site"); got != "(none)" {
		t.Errorf("to an insecure server: %s", got)
	}
}

func TestBlockedForOtherReasonsThanCORS(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		in   fetch.Request
		want fetch.Kind
	}{
		{"bad port", fetch.Request{Origin: page, URL: "https://api.test:6667/"}, fetch.BlockedPort},
		{"port zero", fetch.Request{Origin: page, URL: "https://api.test:0/"}, fetch.BlockedPort},
		{"good port", fetch.Request{Origin: page, URL: "https://api.test:6670/"}, ""},
		{"mixed content", fetch.Request{Origin: page, URL: "http://api.test/"}, fetch.MixedContent},
		{"mixed content in no-cors", fetch.Request{Origin: page, URL: "http://api.test/", Mode: fetch.ModeNoCORS}, fetch.MixedContent},
		{"localhost is no mixed content", fetch.Request{Origin: page, URL: "http://localhost:8080/"}, ""},
		{"subdomain of localhost", fetch.Request{Origin: page, URL: "http://api.localhost/"}, ""},
		{"IPv6 loopback", fetch.Request{Origin: page, URL: "http://[::1]/"}, ""},
		{"private address is mixed content", fetch.Request{Origin: page, URL: "http://192.168.1.1/"}, fetch.MixedContent},
		{"insecure page", fetch.Request{Origin: "http://app.test", URL: "http://api.test/"}, ""},
		{"scheme", fetch.Request{Origin: page, URL: "ftp://api.test/"}, fetch.UnsupportedScheme},
		{"scheme in no-cors", fetch.Request{Origin: page, URL: "ftp://api.test/", Mode: fetch.ModeNoCORS}, fetch.UnsupportedScheme},
		{"same-origin mode", fetch.Request{Origin: page, URL: api, Mode: fetch.ModeSameOrigin}, fetch.SameOriginMode},
		{"no-cors and manual", fetch.Request{Origin: page, URL: api, Mode: fetch.ModeNoCORS, Redirect: fetch.RedirectManual}, fetch.NoCORSRedirectMode},
		{"CSP none", fetch.Request{Origin: page, URL: api, ConnectSrc: "'none'"}, fetch.ConnectSrc},
		{"CSP self", fetch.Request{Origin: page, URL: "/x", ConnectSrc: "'self'"}, ""},
		{"CSP self only", fetch.Request{Origin: page, URL: api, ConnectSrc: "'self'"}, fetch.ConnectSrc},
		{"CSP star", fetch.Request{Origin: page, URL: api, ConnectSrc: "*"}, ""},
		{"CSP star and data", fetch.Request{Origin: page, URL: "data:,x", ConnectSrc: "*"}, fetch.ConnectSrc},
		{"CSP scheme", fetch.Request{Origin: page, URL: api, ConnectSrc: "https:"}, ""},
		{"CSP scheme upgraded", fetch.Request{Origin: page, URL: api, ConnectSrc: "http:"}, ""},
		{"CSP host", fetch.Request{Origin: page, URL: api + "/v1", ConnectSrc: "https://API.test"}, ""},
		{"CSP host without scheme", fetch.Request{Origin: page, URL: api, ConnectSrc: "api.test"}, ""},
		{"CSP other port", fetch.Request{Origin: page, URL: "https://api.test:8443", ConnectSrc: "https://api.test"}, fetch.ConnectSrc},
		{"CSP any port", fetch.Request{Origin: page, URL: "https://api.test:8443", ConnectSrc: "https://api.test:*"}, ""},
		{"CSP subdomains", fetch.Request{Origin: page, URL: "https://a.api.test", ConnectSrc: "https://*.api.test"}, ""},
		{"CSP subdomains, not the domain", fetch.Request{Origin: page, URL: api, ConnectSrc: "https://*.api.test"}, fetch.ConnectSrc},
		{"CSP path", fetch.Request{Origin: page, URL: api + "/v1/x", ConnectSrc: "https://api.test/v1/"}, ""},
		{"CSP other path", fetch.Request{Origin: page, URL: api + "/v2/x", ConnectSrc: "https://api.test/v1/"}, fetch.ConnectSrc},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := scripted("200", "Access-Control-Allow-Origin: *")
			verdict := s.fetch(t, test.in)
			if verdict.Kind() != test.want {
				t.Fatalf("%v, want %q", verdict.Failure, test.want)
			}
			if test.want != "" && (verdict.Kind().Family() != fetch.Blocked || len(s.sent) > 0) {
				t.Errorf("family %s, %d requests", verdict.Kind().Family(), len(s.sent))
			}
		})
	}
}

func TestLocalNetworkAccess(t *testing.T) {
	t.Parallel()
	const toLocal, toLoopback, toPublic = "192.168.1.1:443", "127.0.0.1:443", "8.8.8.8:443"
	for _, test := range []struct {
		name    string
		profile fetch.Profile
		in      fetch.Request
		addr    string
		want    fetch.Kind
	}{
		{"public to loopback", fetch.Chrome, fetch.Request{AddressSpace: fetch.Public}, toLoopback, fetch.LocalNetworkAccess},
		{"public to local", fetch.Firefox, fetch.Request{AddressSpace: fetch.Public}, toLocal, fetch.LocalNetworkAccess},
		{"public to local in no-cors", fetch.Chrome, fetch.Request{AddressSpace: fetch.Public, Mode: fetch.ModeNoCORS}, toLocal, fetch.LocalNetworkAccess},
		{"local to loopback", fetch.Chrome, fetch.Request{AddressSpace: fetch.Local}, toLoopback, fetch.LocalNetworkAccess},
		{"permitted", fetch.Chrome, fetch.Request{AddressSpace: fetch.Public, LocalNetwork: true}, toLoopback, ""},
		{"permitted, but insecure", fetch.Chrome, fetch.Request{Origin: "http://app.test", AddressSpace: fetch.Public, LocalNetwork: true}, toLoopback, fetch.LocalNetworkAccess},
		{"public to public", fetch.Chrome, fetch.Request{AddressSpace: fetch.Public}, toPublic, ""},
		{"local to public", fetch.Chrome, fetch.Request{AddressSpace: fetch.Local}, toPublic, ""},
		{"page of an address", fetch.Chrome, fetch.Request{Origin: "https://1.2.3.4"}, toLocal, fetch.LocalNetworkAccess},
		{"page of this machine", fetch.Chrome, fetch.Request{Origin: "http://localhost:3000"}, toLoopback, ""},
		{"page of which nothing is known", fetch.Chrome, fetch.Request{}, toLoopback, ""},
		{"mapped address", fetch.Chrome, fetch.Request{AddressSpace: fetch.Public}, "[::ffff:10.0.0.1]:443", fetch.LocalNetworkAccess},
		{"the standard knows nothing of it", fetch.Standard, fetch.Request{AddressSpace: fetch.Public}, toLoopback, ""},
		{"target as said", fetch.Chrome, fetch.Request{TargetAddressSpace: fetch.Loopback}, toLoopback, ""},
		{"target otherwise", fetch.Chrome, fetch.Request{TargetAddressSpace: fetch.Local}, toLoopback, fetch.TargetAddressSpace},
		{"target otherwise in Firefox", fetch.Firefox, fetch.Request{TargetAddressSpace: fetch.Local}, toLoopback, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := scripted("200", "Access-Control-Allow-Origin: *")
			s.addr = netip.MustParseAddrPort(test.addr)
			if test.in.Origin == "" {
				test.in.Origin = page
			}
			test.in.URL = api
			agent := fetch.Agent{Transport: s, Profile: test.profile}
			verdict := agent.Fetch(t.Context(), test.in)
			if verdict.Kind() != test.want {
				t.Fatalf("%v, want %q", verdict.Failure, test.want)
			}
			if test.want != "" && len(s.sent) > 0 {
				t.Error("a request was sent")
			}
		})
	}
}

func TestResourcePolicy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, page, url, policy string
		embedder                fetch.EmbedderPolicy
		credentials             fetch.Credentials
		want                    fetch.Kind
	}{
		{name: "none", page: page, url: api},
		{name: "same-origin", page: page, url: api, policy: "same-origin", want: fetch.CrossOriginPolicy},
		{name: "same-origin but in upper case", page: page, url: api, policy: "Same-Origin"},
		{name: "two lines", page: page, url: api, policy: "same-origin\nCross-Origin-Resource-Policy: same-origin"},
		{name: "same-site", page: page, url: "https://api.example.com", policy: "same-site"},
		{name: "same-site, another", page: page, url: api, policy: "same-site", want: fetch.CrossOriginPolicy},
		{name: "same-site, insecure page, secure resource", page: "http://app.example.com", url: "https://api.example.com", policy: "same-site", want: fetch.CrossOriginPolicy},
		{name: "same-site, both insecure", page: "http://app.example.com", url: "http://api.example.com", policy: "same-site"},
		{name: "cross-origin", page: page, url: api, policy: "cross-origin"},
		{name: "require-corp", page: page, url: api, embedder: fetch.RequireCORP, want: fetch.CrossOriginPolicy},
		{name: "require-corp and cross-origin", page: page, url: api, policy: "cross-origin", embedder: fetch.RequireCORP},
		{name: "credentialless", page: page, url: api, embedder: fetch.Credentialless},
		{name: "credentialless with credentials", page: page, url: api, embedder: fetch.Credentialless, credentials: fetch.CredentialsInclude},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := scripted("200")
			if test.policy != "" {
				s = scripted("200", "Cross-Origin-Resource-Policy: "+test.policy)
			}
			verdict := s.fetch(t, fetch.Request{
				Origin: test.page, URL: test.url, Mode: fetch.ModeNoCORS, EmbedderPolicy: test.embedder, Credentials: test.credentials,
			})
			if verdict.Kind() != test.want {
				t.Errorf("%v, want %q", verdict.Failure, test.want)
			}
		})
	}
	verdict := scripted("200", "Access-Control-Allow-Origin: *", "Cross-Origin-Resource-Policy: same-origin").fetch(t, fetch.Request{Origin: page, URL: api})
	if !verdict.OK() {
		t.Errorf("in cors mode: %v", verdict.Failure)
	}
}

func TestTimingAllowed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, url, said string
		want            bool
	}{
		{"the page's own", page + "/x", "", true},
		{"cors", api, "", false},
		{"star", api, "*", true},
		{"origin", api, "https://other.test,\t" + page, true},
		{"another origin", api, "https://other.test", false},
		{"in quotes", api, `"` + page + `"`, false},
	} {
		lines := []string{"200", "Access-Control-Allow-Origin: *"}
		if test.said != "" {
			lines = append(lines, "Timing-Allow-Origin: "+test.said)
		}
		verdict := scripted(lines...).fetch(t, fetch.Request{Origin: page, URL: test.url})
		if !verdict.OK() || verdict.Response.TimingAllowed != test.want {
			t.Errorf("%s: %v, want %t", test.name, verdict.Response, test.want)
		}
	}
	hops := &script{answer: func(w *fetch.WireRequest) string {
		if w.URL.Path == "/0" {
			return "302\nAccess-Control-Allow-Origin: *\nLocation: /1"
		}
		return "200\nAccess-Control-Allow-Origin: *\nTiming-Allow-Origin: *"
	}}
	if verdict := hops.fetch(t, fetch.Request{Origin: page, URL: api + "/0"}); !verdict.OK() || verdict.Response.TimingAllowed {
		t.Error("a hop that failed the TAO check fails it for good")
	}
}

func TestWhatThePageReads(t *testing.T) {
	t.Parallel()
	const all = "X-A: 1\nx-b: 2\nSet-Cookie: a=b\nSet-Cookie2: c=d\nContent-Type: text/plain\nAuthorization: x\n*: star"
	for _, test := range []struct {
		name, expose string
		in           fetch.Request
		want         string
	}{
		{"nothing exposed", "X-C", fetch.Request{}, "Content-Type"},
		{"one", "x-A", fetch.Request{}, "X-A Content-Type"},
		{"two lines", "x-a\nAccess-Control-Expose-Headers: X-B", fetch.Request{}, "X-A x-b Content-Type"},
		{"empty first line", "\nAccess-Control-Expose-Headers: X-B", fetch.Request{}, "x-b Content-Type"},
		{"bad list", "x-a, b c", fetch.Request{}, "Content-Type"},
		{"star", "*", fetch.Request{}, "X-A x-b Content-Type Authorization * Access-Control-Allow-Origin Access-Control-Allow-Credentials Access-Control-Expose-Headers"},
		{"star with credentials", "*", fetch.Request{Credentials: fetch.CredentialsInclude}, "Content-Type *"},
		{"Set-Cookie", "set-cookie, set-cookie2", fetch.Request{}, "Content-Type"},
		{"of the page's own", "x", fetch.Request{URL: "/x"}, "X-A x-b Content-Type Authorization * Access-Control-Allow-Origin Access-Control-Allow-Credentials Access-Control-Expose-Headers"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.in.Origin = page; test.in.URL == "" {
				test.in.URL = api
			}
			verdict := scripted("200", all, "Access-Control-Allow-Origin: "+page, "Access-Control-Allow-Credentials: true",
				"Access-Control-Expose-Headers: "+test.expose).fetch(t, test.in)
			if !verdict.OK() {
				t.Fatal(verdict.Failure)
			}
			var names []string
			for _, f := range verdict.Response.Header {
				names = append(names, f.Name)
			}
			if got := strings.Join(names, " "); got != test.want {
				t.Errorf("reads %s, want %s", got, test.want)
			}
		})
	}
	starFirst := scripted("200", "Access-Control-Allow-Origin: *", "X-A: 1", "Access-Control-Expose-Headers: *, b c")
	for _, test := range []struct {
		profile fetch.Profile
		want    bool
	}{{fetch.Standard, false}, {fetch.Firefox, true}} {
		agent := fetch.Agent{Transport: starFirst, Profile: test.profile}
		verdict := agent.Fetch(t.Context(), fetch.Request{Origin: page, URL: api})
		if verdict.Response.Header.Has("X-A") != test.want {
			t.Errorf("%s: a star before what is no token: %v", test.profile.Name, verdict.Response.Header)
		}
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status, method, want string
		typ                  fetch.ResponseType
		mode                 fetch.Mode
	}{
		{status: "200", want: "x", typ: fetch.CORSResponse},
		{status: "500", want: "x", typ: fetch.CORSResponse},
		{status: "204", typ: fetch.CORSResponse}, {status: "205", typ: fetch.CORSResponse}, {status: "304", typ: fetch.CORSResponse},
		{status: "200", method: "HEAD", typ: fetch.CORSResponse},
		{status: "200", mode: fetch.ModeNoCORS, typ: fetch.Opaque},
	} {
		verdict := scripted(test.status, "Access-Control-Allow-Origin: *\n\nx").fetch(t, fetch.Request{Origin: page, URL: api, Method: test.method, Mode: test.mode})
		r := verdict.Response
		if r == nil || string(r.Body) != test.want || r.Type != test.typ {
			t.Fatalf("%s %s: %+v, %v", test.method, test.status, r, verdict.Failure)
		}
		if r.Type == fetch.Opaque && (r.Status != 0 || r.URL != "" || r.Header != nil) {
			t.Errorf("opaque: %+v", r)
		}
	}
}

func TestDataURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"data:,a%20b":                               "text/plain;charset=US-ASCII a b",
		"data:text/html,<p>?x#f":                    "text/html <p>?x",
		"data:text/plain;charset=utf-8;base64,aGk=": "text/plain;charset=utf-8 hi",
		"data:;base64,aGk":                          "text/plain;charset=US-ASCII hi",
		"data:;charset=x,y":                         "text/plain;charset=x y",
	} {
		s := scripted("500")
		verdict := s.fetch(t, fetch.Request{Origin: page, URL: url})
		if !verdict.OK() || len(s.sent) > 0 {
			t.Errorf("%s: %v", url, verdict.Failure)
			continue
		}
		mime, _ := verdict.Response.Header.Get("Content-Type")
		if got := mime + " " + string(verdict.Response.Body); got != want || verdict.Response.Type != fetch.Basic {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
	if verdict := scripted("200").fetch(t, fetch.Request{Origin: page, URL: "data:x"}); verdict.OK() {
		t.Error("a data: URL without a comma holds nothing")
	}
}

// Every step names its algorithm with an address, and the step that ends a fetch
// is the last.
func TestStepsTellTheWay(t *testing.T) {
	t.Parallel()
	s := &script{answer: func(w *fetch.WireRequest) string {
		switch {
		case w.Head.Method == "OPTIONS" && w.URL.Path == "/0":
			return permission(w)
		case w.Head.Method == "OPTIONS":
			return "401\nAccess-Control-Allow-Origin: null"
		}
		return "307\nAccess-Control-Allow-Origin: " + page + "\nLocation: https://other.test/1"
	}}
	verdict := s.fetch(t, fetch.Request{Origin: page, URL: api + "/0", Method: "DELETE", Header: fetch.Lines("X-A: 1", "Cookie: dropped")})
	f := verdict.Failure
	if f == nil || f.Kind != fetch.PreflightStatus || f.Exchange != 2 || f.Hop != 1 || !f.Preflight || f.Value != "401" {
		t.Fatalf("failure %+v", f)
	}
	if want := []string{api + "/0", "https://other.test/1"}; !slices.Equal(verdict.URLs, want) {
		t.Errorf("URLs %v, want %v", verdict.URLs, want)
	}
	names := make(map[string]bool)
	for i, step := range verdict.Steps {
		names[step.Name] = true
		if !strings.HasPrefix(step.Anchor, "https://") || step.What == "" || step.Hop > 1 || step.Exchange >= len(verdict.Exchanges) {
			t.Errorf("step %+v", step)
		}
		if failed := step.Outcome == fetch.Failed; failed != (i == len(verdict.Steps)-1) {
			t.Errorf("step %d of %d: %+v", i, len(verdict.Steps), step)
		}
	}
	for _, name := range []string{"append to a Headers object", "main fetch", "HTTP fetch", "CORS-preflight fetch", "CORS check", "HTTP-redirect fetch", "redirect-taint"} {
		if !names[name] {
			t.Errorf("no step of %s", name)
		}
	}
	if got, want := s.methods(), "OPTIONS DELETE OPTIONS"; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
	if got := fmt.Sprint(f); got != `preflight-status in the preflight: found "401", want "a status from 200 to 299"` {
		t.Errorf("it says %s", got)
	}
}
