package enforcertest

import (
	"strings"

	"github.com/corsac-cors/corsac"
)

// originValues are values of Origin that are like a listed one but are not, and
// lines that no browser sends.
func originValues() (trials []Trial) {
	rules := with(func(r *corsac.Rule) { r.RefuseOthers = true })
	for _, value := range unlisted {
		name := value
		if len(name) > 60 {
			name = name[:60]
		}
		trials = append(trials,
			Trial{Name: "GET from " + name, Rules: rules, Request: request("GET /users/1", origin(value)), Want: hides()},
			Trial{Name: "POST from " + name, Rules: rules, Request: request("POST /users/1", origin(value)), Want: refuses()},
			Trial{Name: "preflight from " + name, Rules: rules, Request: preflight("/users/1", value, "PUT"), Want: denies()},
		)
	}
	return append(trials, originLines()...)
}

// unlisted is beside https://app.example.com, https://*.example.org and
// http://localhost:*.
var unlisted = []string{
	"https://app.example.com.evil.net",
	"https://app.example.com-evil.net",
	"https://app.example.comm",
	"https://app.example.co",
	"https://evil-app.example.com",
	"https://evil.net/https://app.example.com",
	"https://appXexample.com",
	"xhttps://app.example.com",
	"http://app.example.com",
	"https://app.example.com:8443",
	"https://app.example.com:443",
	"https://app.example.com:",
	"https://app.example.com/",
	"https://app.example.com.",
	"https://app.example.com#",
	"https://app.example.com?x",
	"https://user@app.example.com",
	"https://APP.EXAMPLE.COM",
	"HTTPS://app.example.com",
	"https://app.example.com, https://evil.example.net",
	"https://evil.example.net, https://app.example.com",
	"https://app.example.com https://evil.example.net",
	"https://app.example.com,https://app.example.com",
	"https:/app.example.com",
	"https:app.example.com",
	"//app.example.com",
	"app.example.com",
	"https://app.example.c\xf6m",
	"https://example.org",
	"https://.example.org",
	"https://..example.org",
	"https://a..example.org",
	"https://evilexample.org",
	"https://*.example.org",
	"https://a.example.org.evil.net",
	"https://a.example.org:8443",
	"https://evil.net/.example.org",
	"https://evil.net@a.example.org",
	"https://evil.net#.example.org",
	"https://evil.net?.example.org",
	"https://evil.net:1.example.org",
	"https://evil.net\\.example.org",
	"https://" + strings.Repeat("a.", 150) + "example.org",
	"https://" + strings.Repeat("a", 7<<10) + ".example.org",
	"https://localhost:3000",
	"http://localhost.evil.net",
	"http://localhost:3000.evil.net",
	"http://localhost:0",
	"http://localhost:80",
	"http://localhost:65536",
	"http://localhost:03000",
	"http://localhost:*",
	"http://localhost:3000/",
	"http://127.0.0.1:3000",
	"http://single",
	"*",
	"null",
	"Null",
	"null, null",
	"file://",
	"chrome-extension://abcdef",
	"",
}

func originLines() []Trial {
	rules := with(func(r *corsac.Rule) { r.RefuseOthers = true })
	withRaw := func(line, raw string) string {
		return strings.Replace(request(line, "Raw"), "Raw", raw, 1)
	}
	var trials []Trial
	for _, lines := range [][]string{{app, evil}, {evil, app}, {app, app}, {"null", app}, {app, ""}} {
		name := strings.Join(lines, " and ")
		header := []string{origin(lines[0]), origin(lines[1])}
		trials = append(trials,
			Trial{Name: "GET, two lines: " + name, Rules: rules, Request: request("GET /users/1", header...), Want: hides()},
			Trial{Name: "POST, two lines: " + name, Rules: rules, Request: request("POST /users/1", header...), Want: refuses()},
			Trial{Name: "preflight, two lines: " + name, Rules: rules,
				Request: request("OPTIONS /users/1", append(asks("PUT"), header...)...), Want: denies()},
		)
	}
	return append(trials, []Trial{
		{Name: "the header's name in lower case", Rules: rules, Request: request("GET /users/1", "origin: "+app), Want: shares(app)},
		{Name: "the header's name in mixed case", Rules: rules, Request: request("GET /users/1", "oRIGIn:"+app), Want: shares(app)},
		{Name: "whitespace around the value", Rules: rules, Request: request("GET /users/1", "Origin: \t "+app+" \t"), Want: shares(app)},
		{Name: "names in two cases are two lines", Rules: rules, Request: request("GET /users/1", "origin: "+app, "ORIGIN: "+evil), Want: hides()},
		{Name: "a zero byte", Rules: rules, Request: request("GET /users/1", origin(app+"\x00")), Want: turnsDown()},
		{Name: "a control byte", Rules: rules, Request: request("GET /users/1", origin(app+"\x01")), Want: turnsDown()},
		{Name: "a carriage return", Rules: rules, OnlyHTTP1: true, Request: request("GET /users/1", origin(app+"\r.evil.net")), Want: turnsDown()},
		{Name: "a space before the colon", Rules: rules, OnlyHTTP1: true, Request: request("GET /users/1", "Origin : "+app), Want: turnsDown()},
		{Name: "folded", Rules: rules, OnlyHTTP1: true, Request: withRaw("GET /users/1", "Origin: "+app+"\r\n .evil.net"), Want: turnsDown()},
		{Name: "a line without a colon", Rules: rules, OnlyHTTP1: true, Request: withRaw("GET /users/1", "Origin"), Want: turnsDown()},
		{Name: "bytes that are no text", Rules: rules, Request: request("GET /users/1", origin("\xff\xfe\x80")), Want: Answer{Loose: true}},
		{Name: "too large for any server", Rules: rules, Request: request("GET /users/1", origin(app+strings.Repeat("a", 4<<20))), Want: turnsDown()},
		{Name: "an echo in the request", Rules: rules, Request: request("GET /users/1", origin(evil),
			"Access-Control-Allow-Origin: "+evil, "Access-Control-Allow-Credentials: true"), Want: hides()},
	}...)
}
