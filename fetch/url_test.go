package fetch

import (
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"as it is", "https://a.test/p?q#f", "https://a.test/p?q#f"},
		{"no path", "http://a.test", "http://a.test/"},
		{"upper case", "HTTPS://API.Example.COM/Path", "https://api.example.com/Path"},
		{"default port", "https://a.test:443/", "https://a.test/"},
		{"other default port", "https://a.test:80/", "https://a.test:80/"},
		{"leading zeros in port", "http://a.test:0080/", "http://a.test/"},
		{"empty port", "http://a.test:/", "http://a.test/"},
		{"port zero", "http://a.test:0/", "http://a.test:0/"},
		{"port too large", "http://a.test:65536/", ""},
		{"port no number", "http://a.test:8x/", ""},
		{"spaces around", "  http://a.test/ \n", "http://a.test/"},
		{"line breaks inside", "ht\ntp://a.t\test/\r", "http://a.test/"},
		{"backslashes", `http:\\a.test\x\y`, "http://a.test/x/y"},
		{"one slash", "http:/a.test", "http://a.test/"},
		{"no slash", "http:a.test", "http://a.test/"},
		{"many slashes", "https:////a.test/", "https://a.test/"},
		{"no host", "http://", ""},
		{"only slashes", "https:///", ""},
		{"credentials", "http://u:p@a.test/", "http://u:p@a.test/"},
		{"at in password", "http://u:p@q@a.test/", "http://u:p%40q@a.test/"},
		{"empty credentials", "http://:@a.test/", "http://a.test/"},
		{"user name only", "http://u@a.test/", "http://u@a.test/"},
		{"no host behind credentials", "http://u@/x", ""},
		{"dots", "http://a.test/a/./b/../c", "http://a.test/a/c"},
		{"dots at the end", "http://a.test/a/b/..", "http://a.test/a/"},
		{"dots above the root", "http://a.test/../../x", "http://a.test/x"},
		{"encoded dots", "http://a.test/a/%2E%2e/b", "http://a.test/b"},
		{"empty segments", "http://a.test//a///b/", "http://a.test//a///b/"},
		{"dots behind empty segments", "http://a.test/a//../b", "http://a.test/a/b"},
		{"path encoding", "http://a.test/a b\"<>^`{}é%zz", "http://a.test/a%20b%22%3C%3E%5E%60%7B%7D%C3%A9%zz"},
		{"query encoding", "http://a.test/?a'b \"#c d`", "http://a.test/?a%27b%20%22#c%20d%60"},
		{"question in query", "http://a.test/?a?b", "http://a.test/?a?b"},
		{"empty query and fragment", "http://a.test/?#", "http://a.test/?#"},
		{"punycode", "http://bücher.example/", "http://xn--bcher-kva.example/"},
		{"punycode of nothing", "http://xn--.example/", ""},
		{"punycode of nothing, behind an ideographic dot", "http://a。XN--。example/", ""},
		{"a label of a soft hyphen", "http://a.\u00ad.test/", "http://a..test/"},
		{"no punycode of anything", "http://xn--a.example/", ""},
		{"full-width letters", "http://ｅｘ.example/", "http://ex.example/"},
		{"ideographic dot", "http://a。test/", "http://a.test/"},
		{"encoded host", "http://%61.test/", "http://a.test/"},
		{"encoded full-width", "http://%ef%bd%81.test/", "http://a.test/"},
		{"not UTF-8", "http://%ff.test/", ""},
		{"space in host", "http://a b.test/", ""},
		{"percent in host", "http://a%25b.test/", ""},
		{"special characters in host", "http://a_b!$&'()*+,;=`{}~-.test/", "http://a_b!$&'()*+,;=`{}~-.test/"},
		{"final dot", "http://a.test./", "http://a.test./"},
		{"two final dots", "http://a.test../", "http://a.test../"},
		{"hexadecimal address", "http://0x7f.1/", "http://127.0.0.1/"},
		{"octal address", "http://0177.0.0.01/", "http://127.0.0.1/"},
		{"one number", "http://2130706433/", "http://127.0.0.1/"},
		{"three numbers", "http://1.2.772/", "http://1.2.3.4/"},
		{"final dot of address", "http://127.0.0.1./", "http://127.0.0.1/"},
		{"number too large", "http://4294967296/", ""},
		{"part too large", "http://256.1.1.1/", ""},
		{"five numbers", "http://1.2.3.4.5/", ""},
		{"name that ends in a number", "http://a.1/", ""},
		{"name that ends in 0x", "http://a.0x/", ""},
		{"bad octal", "http://09.1/", ""},
		{"name that begins with a number", "http://1.a/", "http://1.a/"},
		{"IPv6", "http://[2001:DB8:0:0::1]:8080/", "http://[2001:db8::1]:8080/"},
		{"IPv6 with IPv4", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/"},
		{"IPv6 loopback", "http://[0:0:0:0:0:0:0:1]/", "http://[::1]/"},
		{"IPv6 zone", "http://[fe80::1%25eth0]/", ""},
		{"IPv6 open", "http://[::1/", ""},
		{"IPv6 with rest", "http://[::1]x/", ""},
		{"empty brackets", "http://[]/", ""},
		{"opaque", "mailto:A@b c", "mailto:A@b c"},
		{"data", "data:text/plain,x?y#z", "data:text/plain,x?y#z"},
		{"other scheme", "foo://HOST/a/../b", "foo://HOST/b"},
		{"other scheme without host", "foo:/a//../b", "foo:/a/b"},
		{"path that would be a host", "foo:/.//x", "foo:/.//x"},
		{"file", `file:///C:/x`, "file:///C:/x"},
		{"file with localhost", "file://localhost/x", "file:///x"},
		{"no scheme", "//a.test/", ""},
		{"relative", "/x", ""},
		{"empty", "", ""},
		{"scheme only", "http:", ""},
		{"star", "*", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			u, err := ParseURL(test.in)
			switch {
			case err != nil && test.want != "":
				t.Errorf("%q: %v, want %q", test.in, err, test.want)
			case err == nil && u.String() != test.want:
				t.Errorf("%q: %q, want %q", test.in, u, test.want)
			}
		})
	}
}

func TestParseURLRelative(t *testing.T) {
	t.Parallel()
	const base = "http://u:p@a.test:8080/dir/file?q#f"
	for _, test := range []struct{ name, in, want string }{
		{"empty", "", "http://u:p@a.test:8080/dir/file?q"},
		{"fragment", "#x", "http://u:p@a.test:8080/dir/file?q#x"},
		{"query", "?x", "http://u:p@a.test:8080/dir/file?x"},
		{"name", "x", "http://u:p@a.test:8080/dir/x"},
		{"up", "../x", "http://u:p@a.test:8080/x"},
		{"dot", ".", "http://u:p@a.test:8080/dir/"},
		{"path", "/x?y", "http://u:p@a.test:8080/x?y"},
		{"host behind the scheme", `http:/\x/y`, "http://x/y"},
		{"another scheme", "https:/x", "https://x/"},
		{"backslash", `\x`, "http://u:p@a.test:8080/x"},
		{"host", "//b.test/x", "http://b.test/x"},
		{"host by backslashes", `\\b.test`, "http://b.test/"},
		{"same scheme", "http:x", "http://u:p@a.test:8080/dir/x"},
		{"same scheme with slash", "http:/b.test", "http://u:p@a.test:8080/b.test"},
		{"other scheme", "https:b.test", "https://b.test/"},
		{"absolute", "https://b.test", "https://b.test/"},
		{"colon in name", "./a:b", "http://u:p@a.test:8080/dir/a:b"},
		{"data", "data:,x", "data:,x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b, err := ParseURL(base)
			if err != nil {
				t.Fatal(err)
			}
			if u, err := b.ParseURL(test.in); err != nil || u.String() != test.want {
				t.Errorf("%q: %v, %v, want %q", test.in, u, err, test.want)
			}
		})
	}
	opaque, err := ParseURL("mailto:a@b")
	if err != nil {
		t.Fatal(err)
	}
	if u, err := opaque.ParseURL("x"); err == nil {
		t.Errorf("relative to an opaque path: %v", u)
	}
	if u, err := opaque.ParseURL("#x"); err != nil || u.String() != "mailto:a@b#x" {
		t.Errorf("fragment of an opaque path: %v, %v", u, err)
	}
}

// A URL is a fixed point: parsed again, it stays as it is, and so does its
// origin.
func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{"http://a.test:80/../?q#f", "https://[::1]:1/", "http://0x7f.1", "foo:/.//x", `http:\\u:p@x\y`, "data:,", "file:", "blob:http://a/b", "http://xn--a/"} {
		f.Add(seed, "http://base.test/dir/x?y")
	}
	f.Fuzz(func(t *testing.T, in, base string) {
		b, err := ParseURL(base)
		if err != nil {
			b = nil
		}
		u, err := parseURL(in, b)
		if err != nil || len(u.Host) > 1000 { // a label as long is written in punycode, but not read
			return
		}
		again, err := ParseURL(u.String())
		if err != nil || again.String() != u.String() {
			t.Fatalf("%q is %q, and that is %v (%v)", in, u, again, err)
		}
		if o := u.Origin(); !o.IsOpaque() {
			parsed, err := ParseOrigin(o.String())
			if err != nil || !SameOrigin(parsed, o) {
				t.Fatalf("origin %q of %q is %v (%v)", o, in, parsed, err)
			}
		}
		if strings.ContainsAny(u.String(), "\x00\t\r\n") || u.IsHTTP() && (u.Host == "" || !strings.HasPrefix(u.Path, "/") || strings.ContainsAny(u.target(), " #")) {
			t.Fatalf("%q is %q", in, u)
		}
	})
}
