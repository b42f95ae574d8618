package explain

import (
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// harOf is a HAR file of Chrome's with one request for https://api.example.com/.
func harOf(method, entry, response string) string {
	return `{"log": {"version": "1.2", "creator": {"name": "WebInspector"}, "pages": [], "entries": [
 {"_resourceType": "fetch", ` + entry + ` "request": {"method": "` + method + `", "url": "https://api.example.com/", "httpVersion": "HTTP/2.0", "headers": [
   {"name": "Origin", "value": "` + app + `"}, {"name": "X-Requested-With", "value": "XMLHttpRequest"}]},
  "response": {` + response + `}}]}}`
}

const answered = `"status": 200, "statusText": "", "httpVersion": "HTTP/2.0", "headers": [{"name": "Access-Control-Allow-Origin", "value": "` + app + `"}]`

// explainHAR explains the first request of a HAR.
func explainHAR(t *testing.T, har string) *Report {
	t.Helper()
	p, err := pasted.Parse([]byte(har))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Requests) == 0 {
		t.Fatalf("there is no request in it: %v", p.Notes)
	}
	found := p.Requests[0]
	return Explain(t.Context(), Question{Request: found.Request, Transport: found.Recorded, Cookie: found.Cookie})
}

// TestWhatOnlyRecordingsTell: what cannot be seen from outside stands in a HAR.
func TestWhatOnlyRecordingsTell(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		har string
		fault
	}{
		{harOf("GET", "", `"status": 0, "statusText": "", "httpVersion": "", "headers": [], "_error": "net::ERR_BLOCKED_BY_CLIENT"`),
			fault{name: "ad blocker", code: "CX-B07", answer: Unknown, tells: []string{"net::ERR_BLOCKED_BY_CLIENT"}}},
		{harOf("GET", "", `"status": 0, "statusText": "", "httpVersion": "", "headers": [], "_error": "net::ERR_FAILED", "_fetchedViaServiceWorker": true`),
			fault{name: "service worker", code: "CX-B05", answer: Unknown, tells: []string{"via a service worker"}}},
		{harOf("DELETE", "", answered),
			fault{name: "preflight from the cache", code: "CX-V03", answer: Unknown, tells: []string{"no OPTIONS before it", "method: only GET"}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.judge(t, explainHAR(t, row.har))
		})
	}
}

// TestInitiatorsStack: who added a header stands in the stack.
func TestInitiatorsStack(t *testing.T) {
	t.Parallel()
	preflight := `{"_resourceType": "preflight", "request": {"method": "OPTIONS", "url": "https://api.example.com/", "httpVersion": "HTTP/2.0", "headers": [
   {"name": "Origin", "value": "` + app + `"}, {"name": "Access-Control-Request-Method", "value": "GET"}, {"name": "Access-Control-Request-Headers", "value": "x-requested-with"}]},
  "response": {` + answered + `}},`
	stack := `"_initiator": {"type": "script", "stack": {"callFrames": [{"functionName": "send", "url": "https://app.example.com/jquery.js", "lineNumber": 41, "columnNumber": 7}]}},`
	har := harOf("GET", stack, `"status": 0, "statusText": "", "httpVersion": "", "headers": [], "_error": "net::ERR_FAILED"`)
	har = strings.Replace(har, `"entries": [`, `"entries": [`+preflight, 1)
	fault{code: "CX-P07", tells: []string{"called from send (https://app.example.com/jquery.js:42)"}}.judge(t, explainHAR(t, har))
}

func TestThirdPartyCookies(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ cookie, tells string }{
		{"sid=abcdefghij; Path=/; SameSite=None; Secure", "Safari blocks it"},
		{"sid=abcdefghij; Path=/; SameSite=None; Secure; Partitioned", "it is Partitioned"},
	} {
		s := `"status": 200, "statusText": "", "httpVersion": "HTTP/2.0", "headers": [{"name": "Access-Control-Allow-Origin", "value": "` + app +
			`"}, {"name": "Access-Control-Allow-Credentials", "value": "true"}, {"name": "Set-Cookie", "value": "` + row.cookie + `"}]`
		p, err := pasted.Parse([]byte(strings.Replace(strings.Replace(harOf("GET", "", s), "api.example.com", "api.example.net", 1), "X-Requested-With", "Accept", 1)))
		if err != nil {
			t.Fatal(err)
		}
		q := Question{Request: p.Requests[0].Request, Transport: p.Requests[0].Recorded}
		q.Request.Credentials = fetch.CredentialsInclude
		r := Explain(t.Context(), q)
		fault{code: "CX-C04", answer: Readable, notices: true, tells: []string{row.tells}}.judge(t, r)
		if strings.Contains(strings.Join(r.Questions, " "), "CX-C04") {
			t.Errorf("asked although it was found: %v", r.Questions)
		}
	}
}

// TestWhatIsAsked: where nothing shows it, it is asked.
func TestWhatIsAsked(t *testing.T) {
	t.Parallel()
	passing := start(t, lines(200, "Access-Control-Allow-Origin: *"))
	credentialed := start(t, lines(200, "Access-Control-Allow-Origin: "+app, "Access-Control-Allow-Credentials: true"))
	for code, q := range map[string]Question{
		"CX-B05": {Request: fetch.Request{Origin: app, URL: passing.URL}},
		"CX-B07": {Request: fetch.Request{Origin: app, URL: passing.URL}},
		"CX-V03": {Request: fetch.Request{Origin: app, URL: passing.URL}},
		"CX-C04": {Request: fetch.Request{Origin: app, URL: credentialed.URL, Credentials: fetch.CredentialsInclude}},
		"CX-J03": {Request: fetch.Request{Origin: app, URL: start(t, bare).URL + "/font.woff2"}},
	} {
		r := Explain(t.Context(), q)
		if all := strings.Join(r.Questions, "\n"); !strings.Contains(all, code) {
			t.Errorf("%s is not asked:\n%s", code, all)
		}
		if text := r.Text(Style{}); !strings.Contains(text, "To ask") {
			t.Errorf("%s: the text does not ask", code)
		}
		if c, _ := CodeNamed(code); !c.Asked {
			t.Errorf("%s is not marked as asked", code)
		}
	}
}

// TestConsoleTopics: and some of it the console says.
func TestConsoleTopics(t *testing.T) {
	t.Parallel()
	for line, code := range map[string]string{
		"Cookie “sid” will soon be rejected because it is foreign and does not have the “Partitioned“ attribute.":                                                                          "CX-C04",
		"Cookie “sid” rejected because it has the “SameSite=None” attribute but is missing the “secure” attribute.":                                                                        "CX-C03",
		"Failed to load ‘https://a.test/’. A ServiceWorker passed an opaque Response to FetchEvent.respondWith() while handling":                                                           "CX-B05",
		"GET https://a.test/ads.js net::ERR_BLOCKED_BY_CLIENT":                                                                                                                             "CX-B07",
		"Uncaught SecurityError: Failed to execute 'toDataURL' on 'HTMLCanvasElement': Tainted canvases may not be exported.":                                                              "CX-J03",
		"A preload for 'https://a.test/f' is found, but is not used because the request credentials mode does not match.":                                                                  "CX-J03",
		"WebSocket connection to 'wss://a.test/' failed: Error during WebSocket handshake: Unexpected response code: 403":                                                                  "CX-W01",
		"Firefox can’t establish a connection to the server at wss://a.test/.":                                                                                                             "CX-W01",
		"Access to font at 'https://a.test/f' from origin 'https://b.test' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.": "CX-O01",
	} {
		p, err := pasted.Parse([]byte(line))
		if err != nil {
			t.Errorf("%s: %v", code, err)
			continue
		}
		r := Meaning(p.Messages[0], nil, false)
		if len(r.Causes) == 0 || r.Causes[0].Code != code {
			t.Errorf("%s: %v of %q", code, codesOf(r), line)
		}
	}
}

// What scripts are told may be CORS, or the network: neither is claimed, and
// there is a way on.
func TestMeaningOfWhatScriptsAreTold(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"TypeError: Failed to fetch", "Uncaught (in promise) TypeError: Failed to fetch", "TypeError: Load failed",
		"TypeError: NetworkError when attempting to fetch resource.", "Uncaught (in promise) AxiosError: Network Error", "Error: Network Error",
	} {
		p, err := pasted.Parse([]byte(line))
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		r := Meaning(p.Messages[0], nil, false)
		if r.Answer != Unknown || len(r.Causes) > 0 || len(r.Questions) != 1 || !strings.Contains(r.Questions[0], "Copy as fetch") {
			t.Errorf("%q: %s %q, asks %q", line, r.Answer, r.Headline, r.Questions)
		}
	}
	p, err := pasted.Parse([]byte("Fetch API cannot load https://a.test/ due to access control checks."))
	if err != nil {
		t.Fatal(err)
	}
	if r := Meaning(p.Messages[0], nil, false); r.Answer != Blocked {
		t.Errorf("what says access control is %s", r.Answer)
	}
}
