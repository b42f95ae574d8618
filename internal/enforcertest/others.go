package enforcertest

import (
	"net/http"

	"github.com/corsac-cors/corsac"
)

// others are requests of pages that are not listed, where the rule refuses
// them, and of pages of the server's own, which it never refuses.
func others() (trials []Trial) {
	rules := with(func(r *corsac.Rule) { r.RefuseOthers = true })
	own := "http://$host"
	tests := []struct {
		name  string
		lines []string
		want  Answer
	}{
		{"an allowed page", []string{origin(app)}, shares(app)},
		{"another page", []string{origin(evil)}, refuses()},
		{"another page with a cookie", []string{origin(evil), "Cookie: a=b"}, refuses()},
		{"a page without an origin of its own", []string{origin("null")}, refuses()},
		{"no page", nil, hides()},
		{"the server's own page, by its Host", []string{origin(own)}, hides()},
		{"the server's own page, by Sec-Fetch-Site", []string{origin("http://other.example"), "Sec-Fetch-Site: same-origin"}, hides()},
		{"an opaque page of the server's own", []string{origin("null"), "Sec-Fetch-Site: same-origin"}, hides()},
		{"a page of the same site", []string{origin(own), "Sec-Fetch-Site: same-site"}, refuses()},
		{"a page of another site, whatever its Origin says", []string{origin(own), "Sec-Fetch-Site: cross-site"}, refuses()},
		{"an allowed page of another site", []string{origin(app), "Sec-Fetch-Site: cross-site"}, shares(app)},
		{"a word that is none in Sec-Fetch-Site", []string{origin(evil), "Sec-Fetch-Site: same-origin-ish"}, refuses()},
		{"two words in Sec-Fetch-Site", []string{origin(evil), "Sec-Fetch-Site: same-origin, cross-site"}, refuses()},
		{"two pages, the server's own first", []string{origin(own), origin(evil)}, refuses()},
		{"two pages, by Sec-Fetch-Site the server's own", []string{origin(app), origin(evil), "Sec-Fetch-Site: same-origin"}, refuses()},
		{"the same host by another scheme", []string{origin("ftp://$host")}, refuses()},
		{"behind a proxy that ends TLS and does not say so", []string{origin("https://$host")}, hides()},
		{"behind a proxy that ends TLS and says so for a WebSocket", []string{origin("https://api.example.com"), "X-Forwarded-Proto: wss", "Host: api.example.com"}, hides()},
		{"behind a proxy that ends nothing", []string{origin("https://$host"), "X-Forwarded-Proto: http"}, refuses()},
		{"the same host at another port", []string{origin("http://127.0.0.1:1")}, refuses()},
		{"a host that begins like the server's", []string{origin(own + ".evil.net")}, refuses()},
		{"a name of the server's", []string{origin("http://api.example.com"), "Host: api.example.com"}, hides()},
		{"a name in another case", []string{origin("http://api.example.com"), "Host: API.example.com"}, hides()},
		{"a name with the default port", []string{origin("http://api.example.com"), "Host: api.example.com:80"}, hides()},
		{"a name with a port", []string{origin("http://api.example.com:8080"), "Host: api.example.com:8080"}, hides()},
		{"a name, another port", []string{origin("http://api.example.com"), "Host: api.example.com:8080"}, refuses()},
		{"behind a proxy", []string{origin("https://api.example.com"), "X-Forwarded-Proto: https", "X-Forwarded-Host: api.example.com"}, hides()},
		{"behind a proxy that ends TLS", []string{origin("https://api.example.com"), "X-Forwarded-Proto: https", "Host: api.example.com"}, hides()},
		{"behind two proxies", []string{origin("https://api.example.com"), "X-Forwarded-Proto: https, http", "X-Forwarded-Host: api.example.com, inner"}, hides()},
		{"behind a proxy, another page", []string{origin(evil), "X-Forwarded-Proto: https", "X-Forwarded-Host: api.example.com"}, refuses()},
	}
	for _, tt := range tests {
		trials = append(trials, Trial{Name: "POST from " + tt.name, Rules: rules, Request: requestWithBody("a=b", "POST /users/1", tt.lines...), Want: tt.want})
	}
	for _, method := range []string{"PUT", "DELETE", "PATCH", "QUERY", "get"} {
		trials = append(trials, Trial{Name: method + " from another page", Rules: rules, Request: request(method+" /users/1", origin(evil)), Want: refuses()})
	}
	return append(trials,
		Trial{Name: "GET from another page", Rules: rules, Request: request("GET /users/1", origin(evil)), Want: hides()},
		Trial{Name: "GET from the server's own page", Rules: rules, Request: request("GET /users/1", origin(own)), Want: hides()},
		Trial{Name: "HEAD from another page", Rules: rules, Request: request("HEAD /users/1", origin(evil)),
			Want: Answer{Status: 200, Vary: byOrigin, Upstream: Reached}},
		Trial{Name: "POST from another page, not refused", Rules: usersRules(), Request: request("POST /users/1", origin(evil)), Want: hides()},
	)
}

// webSockets: CORS does not cover them, any page can open one. So the rule does.
func webSockets() (trials []Trial) {
	rules := with(func(r *corsac.Rule) { r.RefuseOthers = true })
	opened := Answer{Status: 101, CORS: readable(app), Loose: true, Upstream: Reached}
	openedByOther := Answer{Status: 101, Loose: true, Upstream: Reached}
	for _, tt := range []struct {
		name  string
		rules []corsac.Rule
		lines []string
		want  Answer
	}{
		{"an allowed page", rules, []string{origin(app)}, opened},
		{"another page", rules, []string{origin(evil)}, refuses()},
		{"an opaque page", rules, []string{origin("null")}, refuses()},
		{"two origins", rules, []string{origin(app), origin(evil)}, refuses()},
		{"no page", rules, nil, openedByOther},
		{"the server's own page", rules, []string{origin("http://$host")}, openedByOther},
		{"the server's own page, with TLS in front", rules, []string{origin("https://$host")}, openedByOther},
		{"another page, not refused", usersRules(), []string{origin(evil)}, openedByOther},
		{"a scheme of WebSockets, which no page has", rules, []string{origin("wss://app.example.com")}, refuses()},
	} {
		trials = append(trials, Trial{Name: tt.name, Rules: tt.rules, OnlyHTTP1: true, Upstream: http.HandlerFunc(upgrade),
			Request: request("GET /users/1", append(handshake("websocket"), tt.lines...)...), Want: tt.want})
	}
	return append(trials,
		Trial{Name: "the protocol's name in upper case", Rules: rules, OnlyHTTP1: true, Upstream: http.HandlerFunc(upgrade),
			Request: request("GET /users/1", append(handshake("WebSocket"), origin(evil))...), Want: refuses()},
		Trial{Name: "another protocol beside it", Rules: rules, OnlyHTTP1: true, Upstream: http.HandlerFunc(upgrade),
			Request: request("GET /users/1", append(handshake("foo, websocket"), origin(evil))...), Want: refuses()},
	)
}

func handshake(protocol string) []string {
	return []string{
		"Connection: Upgrade", "Upgrade: " + protocol,
		"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
	}
}

// upgrade opens a WebSocket and closes it.
func upgrade(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer conn.Close()
	buf.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
	buf.Flush()
}
