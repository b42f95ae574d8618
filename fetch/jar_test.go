package fetch

import (
	"testing"
	"time"
)

func TestJar(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const host = "https://app.example.com/dir/page"
	for _, test := range []struct {
		name, setBy, line string
		sentTo            string
		crossSite, lax    bool
		want              string
	}{
		{"plain", host, "a=b", host, false, false, "a=b"},
		{"value with equals signs", host, "a=b=c", host, false, false, "a=b=c"},
		{"no name", host, "b", host, false, false, "b"},
		{"host only", host, "a=b", "https://x.app.example.com/dir/", false, false, ""},
		{"domain", host, "a=b; Domain=.Example.com", "https://api.example.com/dir/", false, false, "a=b"},
		{"another domain", host, "a=b; Domain=other.com", "https://other.com/dir/", false, false, ""},
		{"public suffix", host, "a=b; Domain=com", "https://api.example.com/dir/", false, false, ""},
		{"default path", host, "a=b", "https://app.example.com/dir", false, false, "a=b"},
		{"other path", host, "a=b", "https://app.example.com/directory", false, false, ""},
		{"path", host, "a=b; Path=/", "https://app.example.com/x", false, false, "a=b"},
		{"Secure over https", host, "a=b; Secure", host, false, false, "a=b"},
		{"Secure to http", host, "a=b; Secure", "http://app.example.com/dir/", false, false, ""},
		{"Secure from http", "http://app.example.com/dir/", "a=b; Secure", host, false, false, ""},
		{"Secure from localhost", "http://localhost/", "a=b; Secure", "http://localhost/", false, false, "a=b"},
		{"None, cross-site", host, "a=b; SameSite=None; Secure", host, true, true, "a=b"},
		{"None without Secure", host, "a=b; SameSite=None", host, false, false, ""},
		{"Lax, same-site", host, "a=b; SameSite=Lax", host, false, true, "a=b"},
		{"Lax, cross-site", host, "a=b; SameSite=Lax", host, true, false, ""},
		{"Strict, cross-site", host, "a=b; samesite=STRICT", host, true, false, ""},
		{"no SameSite, cross-site", host, "a=b", host, true, false, "a=b"},
		{"no SameSite, cross-site, Lax by default", host, "a=b", host, true, true, ""},
		{"unknown SameSite", host, "a=b; SameSite=x", host, true, false, "a=b"},
		{"expired", host, "a=b; Max-Age=0", host, false, false, ""},
		{"expires", host, "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", host, false, false, ""},
		{"Max-Age wins", host, "a=b; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:00 GMT", host, false, false, "a=b"},
		{"bad Expires", host, "a=b; Expires=yesterday", host, false, false, "a=b"},
		{"__Host-", host, "__Host-a=b; Secure; Path=/", host, false, false, "__Host-a=b"},
		{"__Host- with a domain", host, "__Host-a=b; Secure; Path=/; Domain=example.com", host, false, false, ""},
		{"__Secure- without Secure", host, "__Secure-a=b", host, false, false, ""},
		{"address", "http://127.0.0.1/", "a=b; Domain=0.0.1", "http://127.0.0.1/", false, false, ""},
		{"empty", host, "=", host, false, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var jar Jar
			from, err := ParseURL(test.setBy)
			if err != nil {
				t.Fatal(err)
			}
			to, err := ParseURL(test.sentTo)
			if err != nil {
				t.Fatal(err)
			}
			jar.add(from, test.line, false, now)
			if got := jar.header(to, test.crossSite, test.lax, now); got != test.want {
				t.Errorf("sent %q, want %q", got, test.want)
			}
		})
	}
}

func TestJarReplacesAndSorts(t *testing.T) {
	t.Parallel()
	var jar Jar
	for _, line := range []string{"a=1; Path=/", "b=2; Path=/dir", "a=3; Path=/", "c=4; Path=/; Max-Age=10"} {
		if err := jar.Add("https://a.test/", line); err != nil {
			t.Fatal(err)
		}
	}
	u, err := ParseURL("https://a.test/dir/")
	if err != nil {
		t.Fatal(err)
	}
	if got := jar.header(u, false, false, time.Now()); got != "b=2; a=3; c=4" {
		t.Errorf("%q", got)
	}
	if got := jar.header(u, false, false, time.Now().Add(time.Minute)); got != "b=2; a=3" {
		t.Errorf("a minute later: %q", got)
	}
	if err := jar.Add("https://a.test/", "x=1; Domain=test"); err == nil {
		t.Error("a public suffix was taken for a domain")
	}
	if err := jar.Add("a.test", "x=1"); err == nil {
		t.Error("a host was taken for a URL")
	}
}
