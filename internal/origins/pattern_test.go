package origins_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/origins"
)

func TestParsePatternAccepts(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"*",
		"null",
		"https://example.com",
		"http://example.com:8080",
		"https://app.example.com.",
		"https://my_app.example.com",
		"https://xn--bcher-kva.example",
		// No punycode, but Chromium sends them; Firefox has no such hosts.
		"https://xn--a.example",
		"https://xn--.example",
		"https://xn--abc-.example",
		"https://*.example.org",
		"https://*.example.org:8443",
		"https://*.example.org:*",
		"https://*.localhost",
		"https://*.com",
		"http://localhost:*",
		"http://localhost",
		"http://127.0.0.1:3000",
		"http://[::1]:3000",
		"http://[::1]:*",
		"https://[2001:db8::1]",
		"https://[::ffff:102:304]",
		"chrome-extension://mhjfbmdgcfjbbpaeojofohoefgiehjai",
		"moz-extension://*",
		"capacitor://localhost",
		"tauri://localhost:1420",
		"safari-web-extension://E7C4C0AB-6A8C-4F5D-9C07-2B9D27E4B6A1",
		"custom+scheme-1.0://host:80",
		"https://" + strings.Repeat(strings.Repeat("a", 63)+".", 3) + strings.Repeat("b", 61),
	} {
		t.Run(s, func(t *testing.T) {
			t.Parallel()
			p, err := origins.ParsePattern(s)
			if err != nil {
				t.Fatalf("ParsePattern(%q): %v", s, err)
			}
			if got := p.String(); got != s {
				t.Errorf("String() = %q, want %q", got, s)
			}
		})
	}
}

var inQuotes = regexp.MustCompile(`"([^"]*)"`)

func TestParsePatternRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, entry   string
		message, hint string // parts of them
	}{
		{"empty", "", "is empty", "remove the entry"},
		{"blank", "  ", "is empty", "remove the entry"},
		{"host only", "example.com", "has no scheme", `write "https://example.com"`},
		{"host and port only", "localhost:3000", "has no scheme", `write "http://localhost:3000"`},
		{"wildcard host only", "*.example.com", "has no scheme", `write "https://*.example.com"`},
		{"scheme only", "https://", "has no host", "scheme://host[:port]"},
		{"word", "self", "has no scheme", "scheme://host[:port]"},
		{"relative", "//example.com", "has no scheme", `write "https://example.com"`},
		{"one slash", "https:/example.com", "has no scheme", `write "https://example.com"`},
		{"no slashes", "http:example.com:8080", "has no scheme", `write "http://example.com:8080"`},
		{"no colon", "https//example.com", "has no scheme", `write "https://example.com"`},
		{"scheme misspelt", "htps://example.com", "nearly", `write "https://example.com"`},
		{"scheme misspelt, without s", "htttp://example.com:8080", "nearly", `write "http://example.com:8080"`},
		{"either scheme", "http*://example.com", "scheme that is none", `write "https://example.com"`},
		{"any scheme", "*://*.example.com", "scheme that is none", `write "https://*.example.com"`},
		{"quotes", `"https://example.com"`, "scheme that is none", `write "https://example.com"`},
		{"quotes of word processors", "“https://example.com”", "scheme that is none", `write "https://example.com"`},
		{"variable", "https://${HOST}", "variable", "write the origin itself"},
		{"template", "{{ .Origin }}", "variable", "write the origin itself"},
		{"trailing slash", "https://example.com/", "ends in a slash", `write "https://example.com"`},
		{"path", "https://example.com/app/", "has a path", `write "https://example.com"`},
		{"path wildcard", "https://example.com/*", "has a path", `write "https://example.com"`},
		{"query", "https://example.com?x=1", "has a path", `write "https://example.com"`},
		{"user", "https://user@example.com", "has a user name", `write "https://example.com"`},
		{"upper-case host", "https://Example.COM", "upper-case", `write "https://example.com"`},
		{"upper-case scheme", "HTTPS://example.com", "upper-case", `write "https://example.com"`},
		{"default port https", "https://example.com:443", "default port", `write "https://example.com"`},
		{"default port http", "http://example.com:80", "default port", `write "http://example.com"`},
		{"all at once", "HTTPS://u:p@Bücher.Example:443/x?y#z", "user name", `write "https://xn--bcher-kva.example"`},
		{"port 0", "https://example.com:0", "begins with 0", `write "https://example.com`},
		{"port with zero", "https://example.com:0443", "begins with 0", `write "https://example.com"`},
		{"port too large", "https://example.com:65536", "above 65535", "scheme://host[:port]"},
		{"port no number", "https://example.com:http", "no number", `write "https://example.com"`},
		{"port wildcard in part", "http://localhost:3*", "no number", `write "http://localhost:*"`},
		{"port range", "http://localhost:3000-3010", "no number", `write "http://localhost:*"`},
		{"port empty", "https://example.com:", "no port", `write "https://example.com"`},
		{"unicode", "https://bücher.example", "punycode", `write "https://xn--bcher-kva.example"`},
		{"unicode wildcard", "https://*.bücher.example", "punycode", `write "https://*.xn--bcher-kva.example"`},
		{"empty label", "https://a..example.com", "empty label", "scheme://host"},
		{"leading dot", "https://.example.com", "empty label", "scheme://host"},
		{"wildcard inside label", "https://app-*.example.com", "star elsewhere", "list each origin"},
		{"wildcard in the middle", "https://app.*.example.com", "star elsewhere", "list each origin"},
		{"wildcard at the end", "https://example.*", "star elsewhere", "list each origin"},
		{"wildcard glued", "https://*example.com", "star elsewhere", `write "https://*.example.com"`},
		{"wildcard twice", "https://**.example.com:8443", "star elsewhere", `write "https://*.example.com:8443"`},
		{"wildcard for each label", "https://*.*.example.com", "star elsewhere", `write "https://*.example.com"`},
		{"every https host", "https://*", "every host", `"https://*.example.com"`},
		{"every http port", "http://*:*", "every host", `"http://*.example.com"`},
		{"regexp", `^https://.*\.example\.com$`, "regular expression", `write "https://*.example.com"`},
		{"regexp slashes", `/^https:\/\/.*\.example\.com$/`, "regular expression", `write "https://*.example.com"`},
		{"regexp group", `^https://([a-z0-9-]+)\.example\.com$`, "regular expression", `write "https://*.example.com"`},
		{"regexp port", `^http://localhost(:\d+)?$`, "regular expression", `write "http://localhost:*"`},
		{"regexp beyond repair", `https?://(a|b)\.example\.(com|org)`, "regular expression", "every subdomain"},
		{"list", "https://a.example, https://b.example", "several origins", "one entry"},
		{"list by spaces", "https://a.example https://b.example", "several origins", "one entry"},
		{"file", "file:///home/me", "origin null", `write "null"`},
		{"data", "data:text/html,x", "origin null", `write "null"`},
		{"Null", "NULL", "lower case", `write "null"`},
		{"websocket", "wss://example.com", "WebSocket", `write "https://example.com"`},
		{"ipv4 form", "http://0x7f.1", "IPv4", "scheme://host"},
		{"ipv4 short", "http://127.1", "IPv4", "scheme://host"},
		{"ipv4 that ends in hexadecimal", "http://127.0x1", "IPv4", "scheme://host"},
		{"ipv4 that ends in no digits", "http://app.0x", "IPv4", "scheme://host"},
		{"ipv4 subdomains", "http://*.127.0.0.1", "no subdomains", "scheme://host"},
		{"ipv6 form", "http://[0:0:0:0:0:0:0:1]", "IPv6", `write "http://[::1]"`},
		{"ipv6 mapped", "http://[::ffff:1.2.3.4]", "IPv6", `write "http://[::ffff:102:304]"`},
		{"ipv6 without brackets", "http://::1", "no number", `write "http://[::1]"`},
		{"ipv6 without anything", "::1", "has no scheme", `write "https://[::1]"`},
		{"ipv6 open", "http://[::1", "never closed", "scheme://host"},
		{"ipv6 zone", "http://[fe80::1%25eth0]", "IPv6", `write "http://[fe80::1]"`},
		{"space", "https://exam ple.com", "several origins", "one entry"},
		{"control byte", "https://exam\x01ple.com", `'\x01'`, "scheme://host"},
		{"letters no host has", "app://*.Ho$t", `'$'`, "scheme://host"},
		{"bare scheme sign", "://example.com", "has no scheme", "scheme://host"},
		{"scheme digits", "1http://example.com", "scheme that is none", "scheme://host"},
		{"long label", "https://" + strings.Repeat("a", 64) + ".com", "63", "scheme://host"},
		{"long host", "https://" + strings.Repeat("a.", 127) + "com", "253", "scheme://host"},
		{"long scheme", strings.Repeat("a", 65) + "://host", "64", "scheme://host"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := origins.ParsePattern(tt.entry)
			if err == nil {
				t.Fatalf("ParsePattern(%q) = %v, want an error", tt.entry, p)
			}
			var e *origins.Error
			if !errors.As(err, &e) {
				t.Fatalf("ParsePattern(%q): %T, want an *origins.Error", tt.entry, err)
			}
			if !strings.Contains(e.Message, tt.message) {
				t.Errorf("message %q, want %q in it", e.Message, tt.message)
			}
			if !strings.Contains(e.Hint, tt.hint) {
				t.Errorf("hint %q, want %q in it", e.Hint, tt.hint)
			}
			for _, proposed := range inQuotes.FindAllStringSubmatch(e.Hint, -1) {
				if _, err := origins.ParsePattern(proposed[1]); err != nil {
					t.Errorf("the hint %q proposes what is refused: %v", e.Hint, err)
				}
			}
		})
	}
}
