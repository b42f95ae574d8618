package pasted_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// The request that DevTools of several browsers are made to copy below.
var wanted = fetch.Request{
	Origin: "http://localhost:3000", Page: "http://localhost:3000/",
	URL: "https://api.example.com/users?page=2&q=a%20b", Method: "POST", Mode: fetch.ModeCORS,
	Header: fetch.Header{
		{Name: "accept", Value: "application/json"},
		{Name: "authorization", Value: "Bearer t0ken"},
		{Name: "content-type", Value: "application/json"},
		{Name: "itemsperpage", Value: "10"},
	},
	Body: []byte(`{"name":"it's \"Ada\" 100%!","n":1}`),
}

func TestCopiesOfOneRequest(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name        string
		text        string
		form        pasted.Form
		browser     string
		credentials fetch.Credentials
		cookie      string
		noMode      bool // the form has none
	}{
		{name: "Chrome, as fetch", form: pasted.FetchCall, browser: "chrome", credentials: "include", text: `fetch("https://api.example.com/users?page=2&q=a%20b", {
  "headers": {
    "accept": "application/json",
    "authorization": "Bearer t0ken",
    "content-type": "application/json",
    "itemsperpage": "10",
    "priority": "u=1, i",
    "sec-ch-ua": "\"Chromium\";v=\"156\", \"Not.A/Brand\";v=\"99\"",
    "sec-ch-ua-mobile": "?0",
    "sec-fetch-mode": "cors"
  },
  "referrer": "http://localhost:3000/",
  "body": "{\"name\":\"it's \\\"Ada\\\" 100%!\",\"n\":1}",
  "method": "POST",
  "mode": "cors",
  "credentials": "include"
});`},
		{name: "Chrome, as fetch for Node.js", form: pasted.NodeFetch, browser: "chrome", credentials: "include", cookie: "sid=1; t=2", noMode: true, text: `fetch("https://api.example.com/users?page=2&q=a%20b", {
  "headers": {
    "accept": "application/json",
    "authorization": "Bearer t0ken",
    "content-type": "application/json",
    "itemsperpage": "10",
    "sec-ch-ua-mobile": "?0",
    "cookie": "sid=1; t=2",
    "Referer": "http://localhost:3000/"
  },
  "body": "{\"name\":\"it's \\\"Ada\\\" 100%!\",\"n\":1}",
  "method": "POST"
});`},
		{name: "Firefox, as fetch", form: pasted.FetchCall, browser: "firefox", credentials: "include", text: `await fetch("https://api.example.com/users?page=2&q=a%20b", {
    "credentials": "include",
    "headers": {
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
        "accept": "application/json",
        "authorization": "Bearer t0ken",
        "content-type": "application/json",
        "itemsperpage": "10",
        "Sec-Fetch-Mode": "cors",
        "Priority": "u=0"
    },
    "referrer": "http://localhost:3000/",
    "body": "{\"name\":\"it's \\\"Ada\\\" 100%!\",\"n\":1}",
    "method": "POST",
    "mode": "cors"
});`},
		{name: "Safari, as fetch", form: pasted.FetchCall, browser: "safari", credentials: "omit", text: `fetch("https://api.example.com/users?page=2&q=a%20b", {
    "body": "{\"name\":\"it's \\\"Ada\\\" 100%!\",\"n\":1}",
    "cache": "default",
    "credentials": "omit",
    "headers": {
        "accept": "application/json",
        "authorization": "Bearer t0ken",
        "content-type": "application/json",
        "itemsperpage": "10",
        "User-Agent": "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"
    },
    "method": "POST",
    "mode": "cors",
    "redirect": "follow",
    "referrer": "http://localhost:3000/"
})`},
		{name: "Chrome, as cURL for bash", form: pasted.CurlBash, browser: "chrome", credentials: "include", cookie: "sid=1; t=2", text: `curl 'https://api.example.com/users?page=2&q=a%20b' \
  -H 'accept: application/json' \
  -H 'authorization: Bearer t0ken' \
  -H 'content-type: application/json' \
  -H 'itemsperpage: 10' \
  -b 'sid=1; t=2' \
  -H 'origin: http://localhost:3000' \
  -H 'referer: http://localhost:3000/' \
  -H 'sec-ch-ua: "Chromium";v="156", "Not.A/Brand";v="99"' \
  -H 'sec-fetch-mode: cors' \
  -H 'sec-fetch-site: cross-site' \
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36' \
  --data-raw $'{"name":"it\'s \\"Ada\\" 100%\u0021","n":1}' \
  --insecure`},
		{name: "Chrome, as cURL for cmd", form: pasted.CurlCmd, browser: "chrome", text: "curl ^\"https://api.example.com/users?page=2^&q=a^%^20b^\" ^\r\n" +
			"  -H ^\"accept: application/json^\" ^\r\n" +
			"  -H ^\"authorization: Bearer t0ken^\" ^\r\n" +
			"  -H ^\"content-type: application/json^\" ^\r\n" +
			"  -H ^\"itemsperpage: 10^\" ^\r\n" +
			"  -H ^\"origin: http://localhost:3000^\" ^\r\n" +
			"  -H ^\"referer: http://localhost:3000/^\" ^\r\n" +
			"  -H ^\"sec-ch-ua: ^\\^\"Chromium^\\^\";v=^\\^\"156^\\^\"^\" ^\r\n" +
			"  -H ^\"sec-fetch-mode: cors^\" ^\r\n" +
			"  --data-raw ^\"^{^\\^\"name^\\^\":^\\^\"it's ^\\^\\^\\^\"Ada^\\^\\^\\^\" 100^%^!^\\^\",^\\^\"n^\\^\":1^}^\""},
		{name: "Firefox, as cURL for POSIX", form: pasted.CurlBash, browser: "firefox", text: `curl 'https://api.example.com/users?page=2&q=a%20b' \
  --compressed \
  -X POST \
  -H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0' \
  -H 'accept: application/json' \
  -H 'authorization: Bearer t0ken' \
  -H 'content-type: application/json' \
  -H 'itemsperpage: 10' \
  -H 'Origin: http://localhost:3000' \
  -H 'Connection: keep-alive' \
  -H 'Referer: http://localhost:3000/' \
  -H 'Sec-Fetch-Mode: cors' \
  --data-raw $'{"name":"it\'s \\"Ada\\" 100%\041","n":1}'`},
		{name: "Safari, as cURL", form: pasted.CurlBash, browser: "safari", noMode: true, text: `curl 'https://api.example.com/users?page=2&q=a%20b' \
-X 'POST' \
-H 'accept: application/json' \
-H 'authorization: Bearer t0ken' \
-H 'content-type: application/json' \
-H 'itemsperpage: 10' \
-H 'Origin: http://localhost:3000' \
-H 'User-Agent: Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15' \
-H 'Referer: http://localhost:3000/' \
--data-binary $'{"name":"it\'s \\"Ada\\" 100%\041","n":1}'`},
		{name: "Chrome, as PowerShell", form: pasted.PowerShell, browser: "chrome", credentials: "include", cookie: "sid=1; t=2", text: "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n" +
			"$session.UserAgent = \"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36\"\n" +
			"$session.Cookies.Add((New-Object System.Net.Cookie(\"sid\", \"1\", \"/\", \"api.example.com\")))\n" +
			"$session.Cookies.Add((New-Object System.Net.Cookie(\"t\", \"2\", \"/\", \"api.example.com\")))\n" +
			"Invoke-WebRequest -UseBasicParsing -Uri \"https://api.example.com/users?page=2&q=a%20b\" `\n" +
			"-Method \"POST\" `\n-WebSession $session `\n-Headers @{\n" +
			"\"accept\"=\"application/json\"\n  \"authorization\"=\"Bearer t0ken\"\n" +
			"  \"sec-ch-ua\"=\"`\"Chromium`\";v=`\"156`\"\"\n" +
			"  \"origin\"=\"http://localhost:3000\"\n  \"referer\"=\"http://localhost:3000/\"\n  \"sec-fetch-mode\"=\"cors\"\n" +
			"  \"itemsperpage\"=\"10\"\n} `\n-ContentType \"application/json\" `\n" +
			"-Body \"{`\"name`\":`\"it's \\`\"Ada\\`\" 100%!`\",`\"n`\":1}\""},
		{name: "Firefox, as PowerShell", form: pasted.PowerShell, browser: "firefox", noMode: true, text: "Invoke-WebRequest -UseBasicParsing -Uri \"https://api.example.com/users?page=2&q=a%20b\" `\n" +
			"-Method \"POST\" `\n-UserAgent \"Mozilla/5.0 (Windows NT 10.0; rv:153.0) Gecko/20100101 Firefox/153.0\" `\n-Headers @{\n" +
			"\"accept\" = \"application/json\"\n  \"authorization\" = \"Bearer t0ken\"\n  \"itemsperpage\" = \"10\"\n" +
			"  \"Origin\" = \"http://localhost:3000\"\n  \"Referer\" = \"http://localhost:3000/\"\n} `\n-ContentType \"application/json\" `\n" +
			"-Body ([System.Text.Encoding]::UTF8.GetBytes(\"{`\"name`\":`\"it's \\`\"Ada\\`\" 100%$([char]33)`\",`\"n`\":1}\"))"},
		{name: "curl.exe in PowerShell", form: pasted.CurlPwsh, browser: "chrome", text: "curl.exe 'https://api.example.com/users?page=2&q=a%20b' `\n" +
			"  -H 'accept: application/json' `\n  -H \"authorization: Bearer t0ken\" `\n  -H 'content-type: application/json' `\n  -H 'itemsperpage: 10' `\n" +
			"  -H 'origin: http://localhost:3000' `\n  -H 'referer: http://localhost:3000/' `\n  -H 'sec-ch-ua: \"Chromium\"' `\n  -H 'sec-fetch-mode: cors' `\n" +
			"  --data-raw '{\"name\":\"it''s \\\"Ada\\\" 100%!\",\"n\":1}'"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p, found := parseOne(t, row.text)
			if p.Form != row.form || p.Browser != row.browser {
				t.Errorf("form %q by %q, want %q by %q", p.Form, p.Browser, row.form, row.browser)
			}
			want := wanted
			if want.Credentials = row.credentials; row.noMode {
				want.Mode = ""
			}
			got := found.Request
			got.BodyType, got.Redirect, got.Cache = "", "", ""
			sortHeader(got.Header)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("request\n %+v, want\n %+v\nbody %s, want %s", got, want, got.Body, want.Body)
			}
			if found.Cookie != row.cookie {
				t.Errorf("cookie %q, want %q", found.Cookie, row.cookie)
			}
		})
	}
}

// sortHeader puts names in order, and in lower case.
func sortHeader(h fetch.Header) {
	for i := range h {
		h[i].Name = strings.ToLower(h[i].Name)
		for j := i; j > 0 && h[j].Name < h[j-1].Name; j-- {
			h[j], h[j-1] = h[j-1], h[j]
		}
	}
}

func parseOne(t *testing.T, text string) (*pasted.Pasted, pasted.Found) {
	t.Helper()
	p, err := pasted.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Requests) != 1 {
		t.Fatalf("%d requests: %+v", len(p.Requests), p)
	}
	return p, p.Requests[0]
}

func TestNotesTellTheTraps(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		text string
		want map[pasted.Code]string // a code, and what its text contains
		none []pasted.Code
	}{
		{"DevTools guess credentials", `fetch("https://a.test/", {"headers": {"x-a": "1"}, "referrer": "https://p.test/x", "method": "GET", "mode": "cors", "credentials": "include"});`,
			map[pasted.Code]string{pasted.CredentialsGuessed: `"include"`, pasted.OriginFromReferrer: "https://p.test", pasted.OptionIgnored: "follow"}, nil},
		{"people know their credentials", `fetch("https://a.test/", {credentials: "include", headers: {Cookie: "a=1"}})`,
			map[pasted.Code]string{pasted.ForbiddenHeader: "Cookie", pasted.OriginUnknown: "origin"}, []pasted.Code{pasted.CredentialsGuessed, pasted.HeadersRemoved}},
		{"a navigation is no fetch", `curl 'https://a.test/' -H 'sec-fetch-mode: navigate' -H 'upgrade-insecure-requests: 1'`,
			map[pasted.Code]string{pasted.ModeAssumed: "navigate", pasted.HeadersRemoved: "upgrade-insecure-requests"}, nil},
		{"Disable cache", `curl 'https://a.test/' -H 'cache-control: no-cache' -H 'pragma: no-cache' -H 'origin: https://p.test'`,
			map[pasted.Code]string{pasted.HeadersRemoved: "preflight"}, []pasted.Code{pasted.OriginUnknown}},
		{"curl has no modes", `curl https://a.test`, map[pasted.Code]string{pasted.CredentialsUnknown: "same-origin", pasted.ModeAssumed: "cors", pasted.OriginUnknown: ""}, nil},
		{"cookies ask for include", `curl https://a.test -b a=1`, map[pasted.Code]string{pasted.CredentialsUnknown: "include", pasted.CookiePasted: "jar"}, nil},
		{"a preflight", `curl -i -X OPTIONS https://a.test/x -H 'Origin: https://p.test' -H 'Access-Control-Request-Method: PUT' -H 'Access-Control-Request-Headers: content-type,x-a'`,
			map[pasted.Code]string{pasted.PreflightTurned: "PUT", pasted.HeaderRestored: `"content-type"`}, nil},
		{"files", `curl https://a.test -d @body.json`, map[pasted.Code]string{pasted.FileNotRead: `"body.json"`, pasted.BodyUnknown: ""}, nil},
		{"pipes", `curl -s https://a.test | jq .`, map[pasted.Code]string{pasted.RestIgnored: "jq"}, nil},
		{"no scheme", `curl a.test/x`, map[pasted.Code]string{pasted.SchemeAdded: "http://"}, nil},
		{"no certificate", `curl -k https://a.test`, map[pasted.Code]string{pasted.Certificate: ""}, nil},
		{"what a page cannot choose", `curl --digest https://a.test`, map[pasted.Code]string{pasted.FlagIgnored: "--digest"}, nil},
		{"what comes after the call", `fetch("https://a.test/").then(r => r.json())`, map[pasted.Code]string{pasted.RestIgnored: ""}, nil},
		{"what comes after the statement", "const r = await fetch('https://a.test/');\nconst total = r.headers.get('X-Total');", map[pasted.Code]string{pasted.RestIgnored: ""}, nil},
		{"nothing after the statement", "const r = await fetch('https://a.test/'); // done\n", nil, []pasted.Code{pasted.RestIgnored}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, found := parseOne(t, row.text)
			for code, part := range row.want {
				if !told(found.Notes, code, part) {
					t.Errorf("no note %s with %q in %+v", code, part, found.Notes)
				}
			}
			for _, code := range row.none {
				if told(found.Notes, code, "") {
					t.Errorf("a note %s in %+v", code, found.Notes)
				}
			}
		})
	}
}

func told(notes []pasted.Note, code pasted.Code, part string) bool {
	for _, n := range notes {
		if n.Code == code && strings.Contains(n.Text, part) {
			return true
		}
	}
	return false
}

func TestPreflightIsTurned(t *testing.T) {
	t.Parallel()
	_, found := parseOne(t, `curl -X OPTIONS https://a.test/x -H 'Origin: https://p.test' -H 'Access-Control-Request-Method: PUT' -H 'Access-Control-Request-Headers: content-type,x-a'`)
	if found.Request.Method != "PUT" || found.Request.Origin != "https://p.test" {
		t.Errorf("request %+v", found.Request)
	}
	if names := fetch.CORSUnsafeRequestHeaderNames(found.Request.Header); !reflect.DeepEqual(names, []string{"content-type", "x-a"}) {
		t.Errorf("the browser would ask for %q", names)
	}
}

func TestRecognition(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		text string
		form pasted.Form
	}{
		{"a fence and a prompt", "```bash\n$ curl https://a.test/\n```\n", pasted.CurlBash},
		{"a byte order mark", "\uFEFFcurl https://a.test/", pasted.CurlBash},
		{"UTF-16 of PowerShell", utf16LE("curl https://a.test/"), pasted.CurlBash},
		{"comments before the call", "// what the page does\n/* see */ window.fetch('https://a.test/')", pasted.FetchCall},
		{"a statement", "// users\nconst response = await fetch('https://a.test/');\n", pasted.FetchCall},
		{"a return", "return  window.fetch('https://a.test/')", pasted.FetchCall},
		{"a variable of the same beginning", "let constant$1=fetch('https://a.test/')", pasted.FetchCall},
		{"curl by its path", "/usr/bin/curl https://a.test/", pasted.CurlBash},
		{"curl.exe on one line of cmd", `curl.exe ^"https://a.test/^"`, pasted.CurlCmd},
		{"a caret in bash", `curl https://a.test/ -d '{"re":"^"}'`, pasted.CurlBash},
		{"iwr", "iwr https://a.test/ -Method Put", pasted.PowerShell},
		{"a console's prefix", "app.js:12 Access to fetch at 'https://a.test/' from origin 'https://p.test' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.", pasted.Console},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p, found := parseOne(t, row.text)
			if p.Form != row.form || found.Request.URL != "https://a.test/" {
				t.Errorf("form %s, address %s", p.Form, found.Request.URL)
			}
		})
	}
}

func utf16LE(text string) string {
	b := []byte("\xFF\xFE")
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return string(b)
}

func TestSeveralCopies(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, text string }{
		{"Chrome, all as fetch", `fetch("https://a.test/1", {"headers": null, "body": null, "method": "GET"}); ;
fetch("https://a.test/2", {"headers": null, "body": null, "method": "GET"});`},
		{"Chrome, all as cURL", "curl 'https://a.test/1' ;\ncurl 'https://a.test/2'"},
		{"Chrome, all as cURL for cmd", "curl ^\"https://a.test/1^\" &\r\ncurl ^\"https://a.test/2^\""},
		{"statements", "const a = await fetch('https://a.test/1');\nconst b = await fetch('https://a.test/2');"},
		{"Chrome, all as PowerShell", "Invoke-WebRequest -UseBasicParsing -Uri \"https://a.test/1\";\r\nInvoke-WebRequest -UseBasicParsing -Uri \"https://a.test/2\""},
		{"two addresses", "curl https://a.test/1 https://a.test/2"},
		{"--next", "curl https://a.test/1 --next -d x https://a.test/2"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p, err := pasted.Parse([]byte(row.text))
			if err != nil {
				t.Fatal(err)
			}
			var urls []string
			for _, f := range p.Requests {
				urls = append(urls, f.Request.URL)
			}
			if !reflect.DeepEqual(urls, []string{"https://a.test/1", "https://a.test/2"}) {
				t.Errorf("addresses %q", urls)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name         string
		text         string
		line, column int
		problem      string
	}{
		{"nothing", " \n", 2, 1, "nothing"},
		{"prose", "it does not work", 1, 1, "no line about CORS"},
		{"a NUL", "curl a\x00b", 1, 7, "NUL"},
		{"too long", "curl " + strings.Repeat("a", pasted.MaxText), 1, 1, "too many"},
		{"a variable", "fetch(url)", 1, 7, `"url"`},
		{"a call", "fetch(\"/\", {\n  body: JSON.stringify(x)})", 2, 9, "JSON.stringify"},
		{"a concatenation", `fetch("/a" + id)`, 1, 12, "expression"},
		{"a substitution", "fetch(`/a/${id}`)", 1, 11, "substitution"},
		{"a spread", "fetch('/', {...options})", 1, 13, "spread"},
		{"a shorthand", "fetch('/', {headers})", 1, 13, "no value"},
		{"a computed name", "fetch('/', {[k]: 1})", 1, 13, "computed"},
		{"another call", "alert(1)", 1, 1, "no line about CORS"},
		{"another call behind", "fetch('/'); alert(1)", 1, 13, "nothing is evaluated"},
		{"a function", "fetch('/', {body: function(){}})", 1, 19, `"function"`},
		{"a string cut off", `fetch("/a`, 1, 7, "cut off"},
		{"an object cut off", `fetch("/a", {"method": "GET", `, 1, 30, "cut off"},
		{"nested deep", "fetch('/', " + strings.Repeat("[", 100), 1, 76, "deep"},
		{"a header beyond Latin-1", `fetch("/", {headers: {a: "→"}})`, 1, 26, "TypeError"},
		{"an octal escape", `fetch("\1")`, 1, 8, "octal"},
		{"bash: a substitution", `curl "https://a.test/$(id)"`, 1, 22, "substitution"},
		{"bash: backticks", "curl `id`", 1, 6, "substitution"},
		{"bash: a variable", `curl $URL`, 1, 6, "variable"},
		{"bash: a quote", `curl 'https://a.test`, 1, 6, "not closed"},
		{"bash: an address without quotes", `curl https://a.test/?a=1&b=2`, 1, 25, "quotes"},
		{"bash: another command", "curl https://a.test; rm -rf /", 1, 22, "nothing is run"},
		{"bash: a here-document", "curl https://a.test -d @- <<EOF", 1, 27, "input"},
		{"bash: a subshell", "(curl https://a.test)", 1, 1, "no line"},
		{"cmd: a quote", "curl ^\"https://a.test", 1, 7, "not closed"},
		{"an unknown option", "curl https://a.test --frobnicate", 1, 21, "--frobnicate"},
		{"an equals sign", "curl https://a.test --request=PUT", 1, 21, "--request"},
		{"an unknown letter", "curl -s% https://a.test", 1, 6, "-%"},
		{"an option without value", "curl https://a.test -H", 1, 21, "needs a value"},
		{"a glob", "curl 'https://a.test/{a,b}'", 1, 6, "several"},
		{"no header", "curl https://a.test -H nonsense", 1, 24, "not a header"},
		{"a smuggled header", "curl https://a.test -H $'a: b\\r\\nc: d'", 1, 24, "line break"},
		{"no address", "curl -s", 1, 1, "no address"},
		{"another scheme", "curl file:///etc/passwd", 1, 6, "http"},
		{"PowerShell: an expression", "iwr (Get-Content x)", 1, 5, "nothing is evaluated"},
		{"PowerShell: a subexpression", "iwr \"https://a.test/$(id)\"", 1, 21, "nothing is evaluated"},
		{"PowerShell: another session", "$x = Get-Secret\niwr https://a.test", 1, 6, "nothing is evaluated"},
		{"PowerShell: an unknown parameter", "iwr https://a.test -Frob 1", 1, 20, "-Frob"},
		{"JSON, no HAR", `{"a": 1}`, 1, 1, "no HAR"},
		{"a HAR cut off", "{\"log\": {\"entries\": [\n{\"request\": {", 2, 14, "cut off"},
		{"no JSON", "{\"log\": {\n\"entries\": [}", 2, 12, "JSON"},
		{"a HAR of numbers", `{"log": {"entries": 5}}`, 1, 21, "expected"},
		{"a HAR with more behind", `{"log": {}} x`, 1, 13, "follows"},
		{"a HAR with a string for a status", `{"log": {"entries": [{"response": {"status": "x"}}]}}`, 1, 51, "status"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := pasted.Parse([]byte(row.text))
			var problem *pasted.Error
			if !errors.As(err, &problem) {
				t.Fatalf("error %v", err)
			}
			if problem.Line != row.line || problem.Column != row.column || !strings.Contains(err.Error(), row.problem) {
				t.Errorf("%v\nwant line %d, column %d, %q", err, row.line, row.column, row.problem)
			}
			if len(err.Error()) > 400 || strings.ContainsAny(err.Error(), "\n\x00\x1b") {
				t.Errorf("not one bounded line: %q", err)
			}
		})
	}
}
