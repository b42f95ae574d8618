package explain

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
)

// What Chromium 156, Firefox 153 and WebKitGTK 2.50 printed: copied from their
// consoles, but for addresses and origins.
var printed = []struct {
	name                    string
	serve                   http.HandlerFunc
	ask                     Question
	chrome, firefox, safari []string
}{
	{"500 without the header", lines(500), call("GET"),
		[]string{chromeSays + "No 'Access-Control-Allow-Origin' header is present on the requested resource."},
		[]string{firefoxSays + "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 500."},
		[]string{"Origin ORIGIN is not allowed by Access-Control-Allow-Origin. Status code: 500", safariSays}},
	{"preflight 401 with the header", lines(401, "Access-Control-Allow-Origin: "+app), call("PUT"),
		[]string{chromeAsked + "It does not have HTTP ok status."},
		[]string{firefoxSays + "CORS preflight response did not succeed). Status code: 401.", firefoxToo},
		[]string{"Preflight response is not successful. Status code: 401", safariSays}},
	{"preflight 200 without headers", bare, call("PUT"),
		[]string{chromeAsked + "No 'Access-Control-Allow-Origin' header is present on the requested resource."},
		[]string{firefoxSays + "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 200.", firefoxToo},
		[]string{"Origin ORIGIN is not allowed by Access-Control-Allow-Origin. Status code: 200", safariSays}},
	{"preflight redirected", lines(301, "Location: /y", "Access-Control-Allow-Origin: "+app), call("PUT"),
		[]string{chromeAsked + "Redirect is not allowed for a preflight request."},
		[]string{firefoxSays + "CORS request external redirect not allowed).", firefoxSays + "CORS preflight response did not succeed). Status code: 301.", firefoxToo},
		[]string{"Preflight response is not successful. Status code: 301", safariSays}},
	{"redirect without the header", lines(302, "Location: /ok"), call("GET"),
		[]string{chromeSays + "No 'Access-Control-Allow-Origin' header is present on the requested resource."},
		[]string{firefoxSays + "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 302.", firefoxToo},
		[]string{"Cross-origin redirection to HOST/ok denied by Cross-Origin Resource Sharing policy: Origin ORIGIN is not allowed by Access-Control-Allow-Origin. Status code: 302", safariSays}},
	{"redirect with a password", lines(302, "Access-Control-Allow-Origin: "+app, "Location: http://user:pw@other.lab.test:8081/ok"), call("GET"),
		[]string{chromeSays + "Redirect location '' contains a username and password, which is disallowed for cross-origin requests."},
		[]string{firefoxToo},
		[]string{"Cross-origin redirection to http://other.lab.test:8081/ok denied by Cross-Origin Resource Sharing policy: redirection URL http://user:pw@other.lab.test:8081/ok has credentials", safariSays}},
	{"redirect to data:", lines(302, "Access-Control-Allow-Origin: "+app, "Location: data:text/plain,hi"), call("GET"),
		[]string{"Failed to load resource: net::ERR_UNSAFE_REDIRECT"},
		[]string{"Redirecting to data: URI not allowed (Blocked loading of: “data:text/plain,hi”)", firefoxToo},
		[]string{"Cross-origin redirection to data:text/plain,hi denied by Cross-Origin Resource Sharing policy: not allowed to follow a cross-origin CORS redirection with non CORS scheme", safariSays}},
	{"star with credentials in the preflight", lines(200, "Access-Control-Allow-Origin: *"), with(call("PUT"), func(q *Question) { q.Request.Credentials = fetch.CredentialsInclude }),
		[]string{chromeAsked + "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'."},
		[]string{"Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at ‘URL’. (Reason: Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’).", firefoxToo},
		[]string{"Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true.", safariSays}},
	{"a list", lines(200, "Access-Control-Allow-Origin: "+app+", https://app.example.org"), call("GET"),
		[]string{chromeSays + "The 'Access-Control-Allow-Origin' header contains multiple values 'ORIGIN, https://app.example.org', but only one is allowed. Have the server send the header with a valid value."},
		[]string{firefoxSays + "CORS header ‘Access-Control-Allow-Origin’ does not match ‘ORIGIN, https://app.example.org’)."},
		[]string{"Access-Control-Allow-Origin cannot contain more than one origin.", safariSays}},
	{"another origin", lines(200, "Access-Control-Allow-Origin: https://app.example.org"), call("GET"),
		[]string{chromeSays + "The 'Access-Control-Allow-Origin' header has a value 'https://app.example.org' that is not equal to the supplied origin. Have the server send the header with a valid value."},
		[]string{firefoxSays + "CORS header ‘Access-Control-Allow-Origin’ does not match ‘https://app.example.org’)."},
		[]string{"Origin ORIGIN is not allowed by Access-Control-Allow-Origin. Status code: 200", safariSays}},
	{"quotes", lines(200, `Access-Control-Allow-Origin: "`+app+`"`), call("GET"),
		[]string{chromeSays + `The 'Access-Control-Allow-Origin' header contains the invalid value '"ORIGIN"'. Have the server send the header with a valid value.`},
		[]string{firefoxSays + `CORS header ‘Access-Control-Allow-Origin’ does not match ‘"ORIGIN"’).`},
		[]string{"Origin ORIGIN is not allowed by Access-Control-Allow-Origin. Status code: 200", safariSays}},
	{"True", lines(200, "Access-Control-Allow-Origin: "+app, "Access-Control-Allow-Credentials: True"), including,
		[]string{chromeSays + "The value of the 'Access-Control-Allow-Credentials' header in the response is 'True' which must be 'true' when the request's credentials mode is 'include'."},
		[]string{firefoxSays + "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’)."},
		[]string{`Credentials flag is true, but Access-Control-Allow-Credentials is not "true".`, safariSays}},
	{"method", lines(200, "Access-Control-Allow-Origin: "+app), call("PUT"),
		[]string{chromeSays + "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response."},
		[]string{firefoxSays + "Did not find method in CORS header ‘Access-Control-Allow-Methods’).", firefoxToo},
		[]string{"Method PUT is not allowed by Access-Control-Allow-Methods.", safariSays}},
	{"no list of methods", lines(200, "Access-Control-Allow-Origin: "+app, "Access-Control-Allow-Methods: GET; POST /"), call("PUT"),
		[]string{chromeSays + "Cannot parse Access-Control-Allow-Methods response header field in preflight response."},
		[]string{firefoxSays + "invalid token ‘GET; POST /’ in CORS header ‘Access-Control-Allow-Methods’).", firefoxToo},
		[]string{"Header Access-Control-Allow-Methods has an invalid value: GET; POST /", safariSays}},
	{"header", lines(200, "Access-Control-Allow-Origin: "+app), call("GET", "X-Api-Key: 1", "X-B: 2"),
		[]string{chromeSays + "Request header field x-api-key is not allowed by Access-Control-Allow-Headers in preflight response."},
		[]string{firefoxSays + "header ‘x-api-key’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response).", firefoxToo},
		[]string{"Request header field X-Api-Key is not allowed by Access-Control-Allow-Headers.", safariSays}},
}

const (
	chromeSays  = "Access to fetch at 'URL' from origin 'ORIGIN' has been blocked by CORS policy: "
	chromeAsked = chromeSays + "Response to preflight request doesn't pass access control check: "
	firefoxSays = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at URL. (Reason: "
	firefoxToo  = firefoxSays + "CORS request did not succeed). Status code: (null)."
	safariSays  = "Fetch API cannot load URL due to access control checks."
)

func TestSaysWhatBrowsersPrint(t *testing.T) {
	t.Parallel()
	for _, p := range printed {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, p.serve)
			q := p.ask
			q.Request.Origin, q.Request.URL, q.NoProbes, q.ShowSecrets = app, s.URL+"/x", true, true
			r := Explain(t.Context(), q)
			for n, want := range [][]string{p.chrome, p.firefox, p.safari} {
				fill := strings.NewReplacer(" URL ", " "+s.URL+"/x ", " URL.", " "+s.URL+"/x.", "'URL'", "'"+s.URL+"/x'", "‘URL’", "‘"+s.URL+"/x’", "ORIGIN", app, "HOST", s.URL)
				for i := range want {
					want[i] = strings.ReplaceAll(fill.Replace(want[i]), "redirection "+s.URL+"/x ", "redirection URL ")
				}
				if got := r.Says[n].Lines; !slices.Equal(got, want) {
					t.Errorf("%s prints\n%s\nnot\n%s", r.Says[n].Browser, strings.Join(want, "\n"), strings.Join(got, "\n"))
				}
			}
		})
	}
}
