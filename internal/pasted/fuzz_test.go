package pasted_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// FuzzParse reads anything: it ends, without a panic, in requests or in an error
// with a place in the text, which may have been UTF-16. Requests that were read from a command line come
// back from the line that is printed of them.
func FuzzParse(f *testing.F) {
	for _, row := range bodies {
		f.Add("curl https://a.test --data-raw " + row.word)
		f.Add("curl ^\"https://a.test^\" ^\n --data-raw " + row.word)
		f.Add("iwr https://a.test -Body " + row.word)
	}
	for _, row := range literals {
		f.Add("fetch('https://a.test', {headers: {a: " + row.literal + "}, body: " + row.literal + "})")
	}
	f.Add(chrome + pre + "It does not have HTTP ok status.\nPUT " + api + " net::ERR_FAILED")
	f.Add(firefox + "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 500.")
	f.Add("$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n$session.Cookies.Add((New-Object System.Net.Cookie(\"a\", \"b\", \"/\", \"c\")))\niwr https://a.test -WebSession $session -Headers @{a=\"b\"\n\"c\" = @'\nd\n'@}")
	f.Add("curl -X OPTIONS https://a.test -H 'Access-Control-Request-Method: PUT' -H 'Access-Control-Request-Headers: a,b' --next -F a=b -G https://b.test?x#y")
	f.Add("curl -g 'http://[::1]:80/{a}?b=[c]' -H 'Origin: null' -H 'sec-fetch-mode: no-cors' -A x -e https://p.test/q -u a:b --json {}")
	for _, name := range []string{"chrome.har", "firefox.har", "safari.har"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := pasted.Parse([]byte(text))
		if err != nil {
			var problem *pasted.Error
			if !errors.As(err, &problem) {
				t.Fatalf("an error without a place: %v", err)
			}
			if problem.Line < 1 || problem.Column < 1 || problem.Offset < 0 || problem.Offset > 2*len(text) || problem.Problem == "" {
				t.Fatalf("no place: %+v", problem)
			}
			if len(err.Error()) > 1000 || strings.ContainsAny(problem.Excerpt, "\n") {
				t.Fatalf("not bounded: %q", err)
			}
			return
		}
		for _, found := range p.Requests {
			pasted.Curl(pasted.Redact(found.Request))
			switch p.Form {
			case pasted.CurlBash, pasted.CurlCmd, pasted.CurlPwsh, pasted.PowerShell:
				if isPlain(found.Request) {
					comesBack(t, pastedAgain(t, found.Request))
				}
			}
		}
	})
}

// isPlain leaves out what no browser sends and Curl therefore drops, and
// addresses whose host is too long to be read again.
func isPlain(r fetch.Request) bool {
	u, err := fetch.ParseURL(r.URL)
	return err == nil && len(u.Host) < 256 && !strings.ContainsAny(r.Method+r.Origin+string(r.Mode), "\x00\r\n") && strings.IndexByte(string(r.Body), 0) < 0 &&
		(r.Origin == "" || strings.Trim(r.Origin, " \t") == r.Origin)
}

// pastedAgain prints and reads a request once: addresses are then as browsers
// write them.
func pastedAgain(t *testing.T, r fetch.Request) fetch.Request {
	t.Helper()
	line := pasted.Curl(r)
	p, err := pasted.Parse([]byte(line))
	if err != nil {
		t.Fatalf("%s\n%v", line, err)
	}
	if len(p.Requests) != 1 {
		t.Fatalf("%s\n%d requests", line, len(p.Requests))
	}
	again := p.Requests[0].Request
	if string(again.Body) != string(r.Body) || again.Origin != r.Origin {
		t.Fatalf("%s\nread back as %+v, want %+v", line, again, r)
	}
	return again
}

// FuzzCurl prints any request; the line means that request to the reader of
// bash's words.
func FuzzCurl(f *testing.F) {
	f.Add("https://a.test/", "PUT", "X-A", "it's", []byte("$(id) `id` \\ \n €"))
	f.Add("http://[::1]/?{a}", "POST", "content-type", "text/plain", []byte("@x"))
	f.Add("https://a.test/\x01", "", "x", "\xff", []byte(nil))
	f.Fuzz(func(t *testing.T, url, method, name, value string, body []byte) {
		r := fetch.Request{URL: url, Method: method, Header: fetch.Header{{Name: name, Value: value}}, Body: body, Origin: "https://p.test"}
		line := pasted.Curl(r)
		u, err := fetch.ParseURL(url)
		if err != nil || !u.IsHTTP() || !fetch.IsMethod(method) || strings.IndexByte(string(body), 0) >= 0 || len(url)+len(value)+len(body) > 1<<18 {
			return
		}
		p, err := pasted.Parse([]byte(line))
		if err != nil {
			t.Fatalf("%s\n%v", line, err)
		}
		if len(p.Requests) != 1 {
			t.Fatalf("%s\n%d requests", line, len(p.Requests))
		}
		got := p.Requests[0].Request
		if got.URL != u.WithoutFragment() || got.Method != fetch.NormalizeMethod(method) || string(got.Body) != string(body) {
			t.Fatalf("%s\nread back as %+v", line, got)
		}
		for _, h := range got.Header {
			if h.Name != name || h.Value != strings.Trim(value, " \t\r\n") {
				t.Fatalf("%s\nhas the header %q", line, h)
			}
		}
	})
}

// FuzzRedact keeps text text, and finds the same secrets again and again.
func FuzzRedact(f *testing.F) {
	f.Add("Authorization", "Bearer x")
	f.Add("Set-Cookie", "a=b; Path=/")
	f.Add("Referer", "https://me:pw@a.test/?token=1#x=2")
	f.Add("X", "--b\r\nform-data; name=\"token\"\r\n\r\nx\r\n--b--")
	f.Fuzz(func(t *testing.T, name, value string) {
		once := pasted.RedactValue(name, value)
		if again := pasted.RedactValue(name, once); again != once {
			t.Fatalf("%q, then %q", once, again)
		}
		body := pasted.RedactBody([]byte(value))
		if utf8.ValidString(value) && !utf8.Valid(body) {
			t.Fatalf("%q became %q", value, body)
		}
		pasted.RedactURL(value)
	})
}
