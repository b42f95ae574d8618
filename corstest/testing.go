package corstest

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/fetch"
)

// Allowed reports an error unless a page of the origin can make the request and
// read the response.
//
// The request is one of httptest.NewRequest or http.NewRequest, with the
// headers, the body and the cookies that the page's script and the browser have
// for it. What browsers send by themselves (the preflight, Origin) is not in
// it. With cookies, the page makes the request with credentials. The server is
// found at https://api.test, unless the request names a host. The request can
// be used again.
//
// The handler answers in the goroutine of the test.
func Allowed(t testing.TB, server http.Handler, origin string, request *http.Request, options ...Option) {
	t.Helper()
	check(t, server, Allow, origin, request, options)
}

// Blocked reports an error unless the browser keeps the response from pages of
// the origin, or does not even send the request. See [Allowed] for what the
// request is.
//
// A handler that does not answer, or that browsers would not ask for other
// reasons than CORS, has blocked nobody: that is an error too.
func Blocked(t testing.TB, server http.Handler, origin string, request *http.Request, options ...Option) {
	t.Helper()
	check(t, server, Block, origin, request, options)
}

// An Option adds to what [Allowed] and [Blocked] ask for.
type Option func(*checking)

type checking struct {
	c           Case
	target      Target
	showSecrets bool
}

// Credentials makes the request with credentials, also if it has no cookie.
func Credentials() Option {
	return func(k *checking) { k.c.Request.Credentials = fetch.CredentialsInclude }
}

// Reads are response headers that the page must be able to read.
func Reads(names ...string) Option {
	return func(k *checking) { k.c.Reads = append(k.c.Reads, names...) }
}

// Hides are response headers that the page must not be able to read.
func Hides(names ...string) Option {
	return func(k *checking) { k.c.Hides = append(k.c.Hides, names...) }
}

// Because is what the page must be blocked for: corsac.UnlistedOrigin,
// UnlistedMethod, UnlistedHeader, NoCredentials.
func Because(reason corsac.Reason) Option { return func(k *checking) { k.c.Because = reason } }

// Preflighted says whether there must be a preflight.
func Preflighted(p Preflight) Option { return func(k *checking) { k.c.Preflight = p } }

// Browsers are those to follow, instead of all.
func Browsers(profiles ...fetch.Profile) Option {
	return func(k *checking) { k.target.Profiles = profiles }
}

// ShowSecrets puts the values of all headers and queries into the messages.
func ShowSecrets() Option { return func(k *checking) { k.showSecrets = true } }

func check(t testing.TB, server http.Handler, want Access, origin string, request *http.Request, options []Option) {
	t.Helper()
	c, err := caseOf(origin, request)
	if err != nil {
		t.Errorf("corstest: %v", err)
		return
	}
	c.Want = want
	k := checking{c: c, target: Target{Handler: server}}
	for _, o := range options {
		o(&k)
	}
	r := Run(request.Context(), k.target, k.c)[0]
	if r.Outcome != Passed {
		t.Error(r.text(k.showSecrets))
	}
}

// caseOf takes a request apart into what a script and its browser have.
func caseOf(origin string, r *http.Request) (Case, error) {
	c := Case{Request: fetch.Request{Origin: origin, URL: urlOf(r), Method: r.Method}}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			switch {
			case name == "Cookie":
				c.Cookie = strings.TrimPrefix(c.Cookie+"; "+value, "; ")
				c.Request.Credentials = fetch.CredentialsInclude
			case name == "Origin" && value == origin:
			case fetch.IsForbiddenRequestHeader(name, value):
				return c, fmt.Errorf("no script can set %s: take it out of the request; what browsers send by themselves is sent", printable(name))
			default:
				c.Request.Header.Add(name, value)
			}
		}
	}
	return c, takeBody(r, &c.Request)
}

// urlOf has a host where the request was made with one. The one that httptest
// makes up is none: a page of https://example.com would be the server's own.
func urlOf(r *http.Request) string {
	const madeUp = "example.com"
	switch {
	case r.URL.Host != "":
		return r.URL.String()
	case r.Host != "" && r.Host != madeUp:
		return "https://" + r.Host + r.URL.RequestURI()
	}
	return r.URL.RequestURI()
}

// takeBody reads the body and puts it back.
func takeBody(r *http.Request, into *fetch.Request) error {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err == nil && len(body) > 0 {
		into.Body = body
	}
	return err
}
