package pasted_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// What the lines below say where they do not say otherwise.
const (
	api     = "https://api.example.com/users"
	appPage = "http://localhost:3000"
	chrome  = "Access to fetch at '" + api + "' from origin '" + appPage + "' has been blocked by CORS policy: "
	pre     = "Response to preflight request doesn't pass access control check: "
	firefox = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at " + api + ". (Reason: "
)

func TestConsoleLines(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		line string
		want pasted.Message // without Line, Lines, URL and, for Chrome's head, Origin and Initiator
	}{
		// Chromium 156.
		{chrome + "No 'Access-Control-Allow-Origin' header is present on the requested resource.", pasted.Message{Kind: fetch.MissingAllowOrigin}},
		{chrome + pre + "No 'Access-Control-Allow-Origin' header is present on the requested resource.", pasted.Message{Kind: fetch.MissingAllowOrigin, Preflight: true}},
		{chrome + "The 'Access-Control-Allow-Origin' header has a value 'https://x.test' that is not equal to the supplied origin. Have the server send the header with a valid value.", pasted.Message{Kind: fetch.AllowOriginMismatch, Value: "https://x.test"}},
		{chrome + "The 'Access-Control-Allow-Origin' header contains multiple values '*, *', but only one is allowed. Have the server send the header with a valid value.", pasted.Message{Kind: fetch.MultipleAllowOrigin, Value: "*, *"}},
		{chrome + "The 'Access-Control-Allow-Origin' header contains the invalid value ''. Have the server send the header with a valid value.", pasted.Message{Kind: fetch.InvalidAllowOrigin}},
		{chrome + "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.", pasted.Message{Kind: fetch.WildcardWithCredentials}},
		{chrome + pre + "The value of the 'Access-Control-Allow-Credentials' header in the response is 'True' which must be 'true' when the request's credentials mode is 'include'.", pasted.Message{Kind: fetch.InvalidAllowCredentials, Value: "True", Preflight: true}},
		{chrome + pre + "It does not have HTTP ok status.", pasted.Message{Kind: fetch.PreflightStatus, Preflight: true}},
		{chrome + pre + "Redirect is not allowed for a preflight request.", pasted.Message{Kind: fetch.PreflightRedirect, Preflight: true}},
		{chrome + "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.", pasted.Message{Kind: fetch.MethodNotAllowed, Preflight: true, Name: "PUT"}},
		{chrome + "Request header field x-api-key is not allowed by Access-Control-Allow-Headers in preflight response.", pasted.Message{Kind: fetch.HeaderNotAllowed, Preflight: true, Name: "x-api-key"}},
		{chrome + "Cannot parse Access-Control-Allow-Methods response header field in preflight response.", pasted.Message{Kind: fetch.InvalidAllowMethods, Preflight: true}},
		{chrome + "Cannot parse Access-Control-Allow-Headers response header field in preflight response.", pasted.Message{Kind: fetch.InvalidAllowHeaders, Preflight: true}},
		{chrome + "Redirect location '' contains a username and password, which is disallowed for cross-origin requests.", pasted.Message{Kind: fetch.RedirectCredentials}},
		{chrome + "Permission was denied for this request to access the `loopback` address space.", pasted.Message{Kind: fetch.LocalNetworkAccess, Value: "loopback"}},
		{chrome + "The request client is not a secure context and the resource is in more-private address space `loopback`.", pasted.Message{Kind: fetch.LocalNetworkAccess, Value: "loopback", Since: 90}},
		{"app.js:9 " + chrome + "Something that no version has printed yet.", pasted.Message{}},
		{"Fetch API cannot load " + api + ". Request mode is \"same-origin\" but the URL's origin is not same as the request origin " + appPage + ".", pasted.Message{Browser: "chrome", Kind: fetch.SameOriginMode, Origin: appPage}},
		{"Fetch API cannot load " + api + ". Refused to connect because it violates the document's Content Security Policy.", pasted.Message{Browser: "chrome", Kind: fetch.ConnectSrc}},
		{"Connecting to '" + api + "' violates the following Content Security Policy directive: \"connect-src 'self'\". The action has been blocked.", pasted.Message{Browser: "chrome", Kind: fetch.ConnectSrc, Value: "connect-src 'self'"}},
		{"Mixed Content: The page at 'https://p.test/' was loaded over HTTPS, but requested an insecure resource '" + api + "'. This request has been blocked; the content must be served over HTTPS.", pasted.Message{Browser: "chrome", Kind: fetch.MixedContent, Page: "https://p.test/", Initiator: "resource"}},
		{"GET " + api + " net::ERR_CONNECTION_REFUSED", pasted.Message{Browser: "chrome", Kind: fetch.ConnectionRefused, Method: "GET", NetError: "net::ERR_CONNECTION_REFUSED"}},
		{"PUT " + api + " net::ERR_FAILED 401 (Unauthorized)", pasted.Message{Browser: "chrome", Follows: true, Method: "PUT", Status: 401, NetError: "net::ERR_FAILED"}},

		{"WebSocket connection to 'ws://api.example.com/live' failed: Error during WebSocket handshake: Unexpected response code: 403", pasted.Message{Browser: "chrome", About: pasted.SocketRefused, URL: "ws://api.example.com/live", Status: 403}},
		{"A preload for '" + api + "' is found, but is not used because the request credentials mode does not match. Consider taking a look at crossorigin attribute.", pasted.Message{Browser: "chrome", About: pasted.PreloadUnused}},
		{"Uncaught SecurityError: Failed to execute 'toDataURL' on 'HTMLCanvasElement': Tainted canvases may not be exported.", pasted.Message{Browser: "chrome", About: pasted.ResourceTainted}},
		{"The FetchEvent for \"" + api + "\" resulted in a network error response: an \"opaque\" response was used for a request whose type is not no-cors", pasted.Message{Browser: "chrome", About: pasted.WorkerAnswered}},

		// Older Chrome.
		{chrome + "No 'Access-Control-Allow-Origin' header is present on the requested resource. If an opaque response serves your needs, set the request's mode to 'no-cors' to fetch the resource with CORS disabled.", pasted.Message{Kind: fetch.MissingAllowOrigin, Until: 155}},
		{"Failed to load " + api + ": No 'Access-Control-Allow-Origin' header is present on the requested resource. Origin '" + appPage + "' is therefore not allowed access. The response had HTTP status code 404. If an opaque response serves your needs, set the request's mode to 'no-cors' to fetch the resource with CORS disabled.", pasted.Message{Browser: "chrome", Kind: fetch.MissingAllowOrigin, Origin: appPage, Status: 404, Since: 60, Until: 69}},
		{"Failed to load " + api + ": Response for preflight has invalid HTTP status code 403.", pasted.Message{Browser: "chrome", Kind: fetch.PreflightStatus, Preflight: true, Status: 403, Since: 60, Until: 67}},
		{"XMLHttpRequest cannot load " + api + ". " + pre + "No 'Access-Control-Allow-Origin' header is present on the requested resource. Origin '" + appPage + "' is therefore not allowed access.", pasted.Message{Browser: "chrome", Kind: fetch.MissingAllowOrigin, Preflight: true, Origin: appPage, Initiator: "XMLHttpRequest", Until: 69}},
		{"XMLHttpRequest cannot load " + api + ". Credentials flag is 'true', but the 'Access-Control-Allow-Credentials' header is ''. It must be 'true' to allow credentials. Origin '" + appPage + "' is therefore not allowed access.", pasted.Message{Browser: "chrome", Kind: fetch.InvalidAllowCredentials, Origin: appPage, Initiator: "XMLHttpRequest", Until: 54}},
		{"Fetch API cannot load " + api + ". The 'Access-Control-Allow-Origin' header has a value 'null' that is not equal to the supplied origin. Origin '" + appPage + "' is therefore not allowed access.", pasted.Message{Browser: "chrome", Kind: fetch.AllowOriginMismatch, Value: "null", Origin: appPage, Until: 69}},

		// Firefox 153.
		{firefox + "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 500.", pasted.Message{Browser: "firefox", Kind: fetch.MissingAllowOrigin, Status: 500}},
		{firefox + "CORS header ‘Access-Control-Allow-Origin’ does not match ‘https://x.test’).", pasted.Message{Browser: "firefox", Kind: fetch.AllowOriginMismatch, Value: "https://x.test", Also: []fetch.Kind{fetch.MultipleAllowOrigin, fetch.InvalidAllowOrigin}}},
		{strings.Replace(firefox, api+".", "‘"+api+"’.", 1) + "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’).", pasted.Message{Browser: "firefox", Kind: fetch.WildcardWithCredentials}},
		{firefox + "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’).", pasted.Message{Browser: "firefox", Kind: fetch.InvalidAllowCredentials}},
		{firefox + "CORS preflight response did not succeed). Status code: 401.", pasted.Message{Browser: "firefox", Kind: fetch.PreflightStatus, Preflight: true, Status: 401}},
		{firefox + "CORS request external redirect not allowed).", pasted.Message{Browser: "firefox", Kind: fetch.PreflightRedirect, Preflight: true}},
		{firefox + "Did not find method in CORS header ‘Access-Control-Allow-Methods’).", pasted.Message{Browser: "firefox", Kind: fetch.MethodNotAllowed, Preflight: true}},
		{firefox + "header ‘x-api-key’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response).", pasted.Message{Browser: "firefox", Kind: fetch.HeaderNotAllowed, Preflight: true, Name: "x-api-key"}},
		{firefox + "invalid token ‘GET; PUT’ in CORS header ‘Access-Control-Allow-Methods’).", pasted.Message{Browser: "firefox", Kind: fetch.InvalidAllowMethods, Preflight: true, Value: "GET; PUT"}},
		{firefox + "invalid token ‘X Y’ in CORS header ‘Access-Control-Allow-Headers’).", pasted.Message{Browser: "firefox", Kind: fetch.InvalidAllowHeaders, Preflight: true, Value: "X Y"}},
		{firefox + "CORS request did not succeed). Status code: (null).", pasted.Message{Browser: "firefox", Follows: true}},
		{"Cross-Origin Request Warning: The Same Origin Policy will disallow reading the remote resource at " + api + " soon. (Reason: When the `Access-Control-Allow-Headers` is `*`, the `Authorization` header is not covered. To include the `Authorization` header, it must be explicitly listed in CORS header `Access-Control-Allow-Headers`).", pasted.Message{Browser: "firefox", Kind: fetch.HeaderNotAllowed, Preflight: true, Name: "Authorization", Warning: true}},
		{"Blocked loading mixed active content “" + api + "”", pasted.Message{Browser: "firefox", Kind: fetch.MixedContent}},
		{"Security Error: Content at http://localhost:3000/x may not load data from " + api + ".", pasted.Message{Browser: "firefox", Kind: fetch.SameOriginMode, Also: []fetch.Kind{fetch.RedirectScheme}, Page: "http://localhost:3000/x"}},
		{"Security Error: Content at http://localhost:3000/x may not load or link to file:///etc/passwd.", pasted.Message{Browser: "firefox", Kind: fetch.UnsupportedScheme, Also: []fetch.Kind{fetch.RedirectScheme}, Page: "http://localhost:3000/x", URL: "file:///etc/passwd"}},

		{"Redirecting to data: URI not allowed (Blocked loading of: “data:text/plain,hi”)", pasted.Message{Browser: "firefox", Kind: fetch.RedirectScheme, Value: "data:text/plain,hi"}},
		{"Firefox can’t establish a connection to the server at " + api + ".", pasted.Message{Browser: "firefox", Follows: true}},
		{"Firefox can’t establish a connection to the server at wss://api.example.com/live.", pasted.Message{Browser: "firefox", About: pasted.SocketRefused, URL: "wss://api.example.com/live"}},
		{"Module source URI is not allowed in this document: “" + api + "”.", pasted.Message{Browser: "firefox", Follows: true}},
		{"<script> source URI is not allowed in this document: “" + api + "”.", pasted.Message{Browser: "firefox", Follows: true}},
		{"downloadable font: download failed (font-family: \"Z\" style:normal weight:400 stretch:100 src index:0): bad URI or cross-site access not allowed source: " + api, pasted.Message{Browser: "firefox", Follows: true}},
		{"Cookie “lax” will soon be rejected because it is foreign and does not have the “Partitioned“ attribute.", pasted.Message{Browser: "firefox", About: pasted.CookiePartitioned, Warning: true, Name: "lax"}},
		{"Cookie “none” rejected because it has the “SameSite=None” attribute but is missing the “secure” attribute.", pasted.Message{Browser: "firefox", About: pasted.CookieRefused, Name: "none"}},
		{"Cookie “nonesec” has been rejected because a non-HTTPS cookie can’t be set as “secure”.", pasted.Message{Browser: "firefox", About: pasted.CookieRefused, Name: "nonesec"}},
		{"Failed to load ‘" + api + "’. A ServiceWorker passed an opaque Response to FetchEvent.respondWith() while handling a ‘cors’ FetchEvent. Opaque Response objects are only valid when the RequestMode is ‘no-cors’.", pasted.Message{Browser: "firefox", About: pasted.WorkerAnswered}},
		{"Uncaught SecurityError: CSSStyleSheet.cssRules getter: Not allowed to access cross-origin stylesheet", pasted.Message{Browser: "firefox", About: pasted.ResourceTainted}},

		// Older Firefox.
		{firefox + "CORS header ‘Access-Control-Allow-Origin’ missing).", pasted.Message{Browser: "firefox", Kind: fetch.MissingAllowOrigin, Until: 94}},
		{firefox + "missing token ‘x-a’ in CORS header ‘Access-Control-Allow-Headers’ from CORS preflight channel).", pasted.Message{Browser: "firefox", Kind: fetch.HeaderNotAllowed, Preflight: true, Name: "x-a", Until: 78}},
		{firefox + "CORS preflight channel did not succeed).", pasted.Message{Browser: "firefox", Kind: fetch.PreflightStatus, Preflight: true, Until: 78}},
		{strings.Replace(firefox, "(Reason: ", "This can be fixed by moving the resource to the same domain or enabling CORS.", 1), pasted.Message{Browser: "firefox", Until: 34}},

		// WebKitGTK 2.50, which has no address in most of its sentences.
		{"[Error] Beacon API cannot load " + api + ". Origin " + appPage + " is not allowed by Access-Control-Allow-Origin. Status code: 200", pasted.Message{Browser: "safari", Kind: fetch.MissingAllowOrigin, Also: []fetch.Kind{fetch.AllowOriginMismatch, fetch.InvalidAllowOrigin}, Origin: appPage, Status: 200}},
		{"[Error] Fetch API cannot load " + api + " due to access control checks.", pasted.Message{Browser: "safari", Follows: true}},
		{"[Error] Cross origin requests are only supported for HTTP.", pasted.Message{Browser: "safari", Kind: fetch.UnsupportedScheme}},
		{"[Error] Fetch API cannot load " + api + ".", pasted.Message{Browser: "safari", Kind: fetch.SameOriginMode}},
		{"[Error] Cross-origin redirection to " + api + " denied by Cross-Origin Resource Sharing policy: Origin " + appPage + " is not allowed by Access-Control-Allow-Origin. Status code: 302", pasted.Message{Leads: true, Browser: "safari", Kind: fetch.MissingAllowOrigin, Also: []fetch.Kind{fetch.AllowOriginMismatch, fetch.InvalidAllowOrigin}, Origin: appPage, Status: 302}},
		{"[Error] Cancelled load to " + api + " because it violates the resource's Cross-Origin-Resource-Policy response header.", pasted.Message{Browser: "safari", Kind: fetch.CrossOriginPolicy}},
	} {
		t.Run(row.line, func(t *testing.T) {
			t.Parallel()
			p, err := pasted.Parse([]byte(row.line))
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Messages) != 1 {
				t.Fatalf("%d messages", len(p.Messages))
			}
			want := row.want
			want.Line, want.Lines = 1, p.Messages[0].Lines
			if strings.Contains(row.line, api) {
				want.URL = api
			}
			if strings.Contains(row.line, chrome) {
				want.Browser, want.Origin, want.Initiator = "chrome", appPage, "fetch"
			}
			if !reflect.DeepEqual(p.Messages[0], want) {
				t.Errorf("%+v, want\n%+v", p.Messages[0], want)
			}
		})
	}
}

func TestLinesWithoutAddress(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		line string
		kind fetch.Kind
		name string
	}{
		{"No 'Access-Control-Allow-Origin' header is present on the requested resource.", fetch.MissingAllowOrigin, ""},
		{"Request header field X-Api-Key is not allowed by Access-Control-Allow-Headers.", fetch.HeaderNotAllowed, "X-Api-Key"},
		{"Method PATCH is not allowed by Access-Control-Allow-Methods.", fetch.MethodNotAllowed, "PATCH"},
		{"Preflight response is not successful. Status code: 401", fetch.PreflightStatus, ""},
		{"Failed to load resource: Preflight response is not successful. Status code: 403 (users, line 0)", fetch.PreflightStatus, ""},
		{"Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true.", fetch.WildcardWithCredentials, ""},
		{"Access-Control-Allow-Origin cannot contain more than one origin.", fetch.MultipleAllowOrigin, ""},
		{`Credentials flag is true, but Access-Control-Allow-Credentials is not "true".`, fetch.InvalidAllowCredentials, ""},
		{"Header Access-Control-Allow-Headers has an invalid value: X Y, (z)", fetch.InvalidAllowHeaders, ""},
		{"Failed to load resource: net::ERR_CERT_AUTHORITY_INVALID", fetch.TLSFailed, ""},
		{"Failed to load resource: net::ERR_UNSAFE_PORT", fetch.BlockedPort, ""},
		{"Failed to load resource: net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin", fetch.CrossOriginPolicy, ""},
	} {
		p, err := pasted.Parse([]byte(row.line))
		if err != nil {
			t.Errorf("%s: %v", row.line, err)
			continue
		}
		if m := p.Messages[0]; len(p.Messages) != 1 || m.Kind != row.kind || m.Name != row.name || m.URL != "" || len(p.Requests) != 0 {
			t.Errorf("%s: %+v", row.line, p)
		}
	}
}

func TestLinesThatBelongTogether(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, text string
		want       []pasted.Message // Kind, URL, Method and Status count
	}{
		{"Chrome's two lines", chrome + pre + "It does not have HTTP ok status.\nPUT " + api + " net::ERR_FAILED\nUncaught (in promise) TypeError: Failed to fetch\n    at load (app.js:9:3)",
			[]pasted.Message{{Kind: fetch.PreflightStatus, URL: api, Method: "PUT"}}},
		{"Chrome, the network first", "POST " + api + " net::ERR_FAILED 502 (Bad Gateway)\n" + chrome + "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			[]pasted.Message{{Kind: fetch.MissingAllowOrigin, URL: api, Method: "POST", Status: 502}}},
		{"Chrome, two requests", chrome + "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.\n" + strings.ReplaceAll(chrome, "users", "posts") + "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.",
			[]pasted.Message{{Kind: fetch.MethodNotAllowed, URL: api}, {Kind: fetch.MethodNotAllowed, URL: "https://api.example.com/posts"}}},
		{"Firefox's two lines", firefox + "CORS preflight response did not succeed). Status code: 401.\n\n" + firefox + "CORS request did not succeed). Status code: (null).\nTypeError: NetworkError when attempting to fetch resource.",
			[]pasted.Message{{Kind: fetch.PreflightStatus, URL: api, Status: 401}}},
		{"Firefox's three lines", firefox + "CORS request external redirect not allowed).\n" + firefox + "CORS preflight response did not succeed). Status code: 301.\n" + firefox + "CORS request did not succeed). Status code: (null).",
			[]pasted.Message{{Kind: fetch.PreflightRedirect, URL: api, Status: 301}}},
		{"Safari's three lines", "[Error] Preflight response is not successful. Status code: 403\n[Error] Fetch API cannot load " + api + " due to access control checks.\n[Error] Failed to load resource: Preflight response is not successful. Status code: 403 (users, line 0)",
			[]pasted.Message{{Kind: fetch.PreflightStatus, URL: api, Status: 403}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p, err := pasted.Parse([]byte(row.text))
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Messages) != len(row.want) || len(p.Requests) != len(row.want) {
				t.Fatalf("%d messages, %d requests: %+v", len(p.Messages), len(p.Requests), p)
			}
			for i, want := range row.want {
				m := p.Messages[i]
				if m.Kind != want.Kind || m.URL != want.URL || m.Method != want.Method || m.Status != want.Status || m.Follows {
					t.Errorf("%+v, want %+v", m, want)
				}
			}
		})
	}
}

func TestRequestOfALine(t *testing.T) {
	t.Parallel()
	p, found := parseOne(t, chrome+"Request header field x-api-key is not allowed by Access-Control-Allow-Headers in preflight response.")
	want := fetch.Request{Origin: appPage, URL: api, Header: fetch.Header{{Name: "x-api-key", Value: pasted.Unknown}}}
	if !reflect.DeepEqual(found.Request, want) || found.Message != 0 || len(p.Failed()) != 1 {
		t.Errorf("%+v", found)
	}
	for _, code := range []pasted.Code{pasted.MethodUnknown, pasted.HeaderRestored, pasted.HeadersUnknown, pasted.CredentialsUnknown} {
		if !told(found.Notes, code, "") {
			t.Errorf("no note %s in %+v", code, found.Notes)
		}
	}
	_, found = parseOne(t, strings.Replace(chrome, "' from", "' (redirected from 'https://first.test/') from", 1)+"The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.")
	if found.Request.URL != "https://first.test/" || found.Request.Credentials != fetch.CredentialsInclude {
		t.Errorf("%+v", found.Request)
	}
}
