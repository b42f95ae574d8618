package fetch

import "testing"

func TestXHRWritesCharsetAnew(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, set, standard, chrome string }{
		{"none", "text/plain", "text/plain", "text/plain"},
		{"the right one", "text/plain; Charset=utf-8", "text/plain; Charset=utf-8", "text/plain; Charset=UTF-8"},
		{"another", "text/plain; charset=latin1", "text/plain;charset=UTF-8", "text/plain; charset=UTF-8"},
		{"beside others", `Text/plain;a="b\"c" ; charset=x;charset=y;A=z`, `text/plain;a="b\"c";charset=UTF-8`, `Text/plain;a="b\"c" ; charset=UTF-8;charset=UTF-8;A=z`},
		{"in quotes", `text/plain;charset="latin1"`, `text/plain;charset=UTF-8`, `text/plain;charset="UTF-8"`},
		{"parameters that are none", "text/plain;;=x;y;a=;charset=x; b=c d", `text/plain;charset=UTF-8;b="c d"`, "text/plain;;=x;y;a=;charset=UTF-8; b=c d"},
		{"quotes that never close", `text/plain;charset="x`, `text/plain;charset=UTF-8`, `text/plain;charset="UTF-8`},
		{"no type", ";charset=x", ";charset=x", ";charset=UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, browser := range []struct {
				profile Profile
				want    string
			}{{Standard, test.standard}, {Chrome, test.chrome}} {
				in := Request{
					Origin: "http://a", URL: "http://b", Method: "POST", XHR: true,
					Header: Lines("Content-Type: " + test.set), Body: []byte("x"), BodyType: bodyTypeOfText,
				}
				f := newFetching(t.Context(), &Agent{Profile: browser.profile}, in)
				if failure := f.construct(&f.in); failure != nil {
					t.Fatal(failure)
				}
				if got, _ := f.request.header.Get("Content-Type"); got != browser.want {
					t.Errorf("%s sends %q, want %q", browser.profile.Name, got, browser.want)
				}
			}
		})
	}
}

func TestXHRHasFewerOptions(t *testing.T) {
	t.Parallel()
	agent := &Agent{}
	for _, in := range []Request{{Mode: ModeNoCORS}, {Credentials: CredentialsOmit}, {Redirect: RedirectManual}, {Cache: CacheReload}} {
		in.Origin, in.URL, in.XHR = "http://a", "http://b", true
		if v := agent.Fetch(t.Context(), in); v.Kind() != InvalidOption {
			t.Errorf("%+v: %q", in, v.Kind())
		}
	}
}
