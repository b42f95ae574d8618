package explain

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

// TestMistakes has real servers make what people get wrong in them: in each, the
// configuration does not do what it looks like.
func TestMistakes(t *testing.T) {
	t.Parallel()
	allowing := lines(200, "Access-Control-Allow-Origin: *")
	for _, row := range []struct {
		server   string
		upstream http.HandlerFunc // bare, if nil
		config   string
		ask      Question
		fault
	}{
		{"express", nil, `app.use((req, res, next) => req.headers.authorization ? next() : res.status(401).set('WWW-Authenticate', 'Bearer').end())
app.use(require('cors')())`, call("PUT", "Authorization: Bearer x"), fault{name: "authentication before CORS", code: "CX-P01", tells: []string{"WWW-Authenticate: Bearer"}}},
		{"express", nil, `app.use(require('cors')({ origin: 'https://app.example.com/' }))`, call("GET"), fault{name: "an origin with a slash", code: "CX-O02", tells: []string{"only by the slash"}}},
		{"express", nil, `app.use(require('cors')({ origin: true }))`, with(hard(), func(q *Question) { q.Send = false }), fault{name: "credentials forgotten", code: "CX-C02"}},
		{"express", nil, `app.get('/x', (req, res) => { throw new Error('x') }); app.use(require('cors')())`, call("GET"),
			fault{name: "CORS behind a route that fails", code: "CX-S01", tells: []string{"failed with 500"}}},
		{"fastapi", nil, `from fastapi.middleware.cors import CORSMiddleware
app.add_middleware(CORSMiddleware, allow_origins=["https://app.example.com"])`, call("GET", "X-A: 1"), fault{name: "headers not listed", code: "CX-P02", tells: []string{"Disallowed CORS headers"}}},
		{"fastapi", nil, `from fastapi.middleware.cors import CORSMiddleware
app.add_middleware(CORSMiddleware, allow_origins=["https://app.example.com"])
@app.get("/x")
def broken(): raise ValueError("x")`, call("GET"), fault{name: "an error outside of the middleware", code: "CX-S01", tells: []string{"failed with 500"}}},
		{"django", nil, `INSTALLED_APPS = ["corsheaders"]
MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", *MIDDLEWARE]
CORS_ALLOWED_ORIGINS = ["https://www.app.example.com"]`, call("GET"), fault{name: "another origin listed", code: "CX-O01", tells: []string{"not on its list"}}},
		{"flask", nil, `from flask_cors import CORS
CORS(app, origins="https://app.example.com", methods=["GET"])`, call("DELETE"), fault{name: "a method not listed", code: "CX-P05", tells: []string{"add DELETE to the allowed methods"}}},
		{"spring", nil, `    CorsFilter corsFilter() {
        var c = new CorsConfiguration();
        c.addAllowedOrigin("https://app.example.com/");
        var source = new UrlBasedCorsConfigurationSource();
        source.registerCorsConfiguration("/**", c);
        return new CorsFilter(source);
    }`, call("DELETE"), fault{name: "an origin with a slash", code: "CX-P02", tells: []string{"the body says: Invalid CORS request"}}},
		{"php", nil, `header('Access-Control-Allow-Origin: *'); header('Access-Control-Allow-Origin: https://app.example.com', false);`, call("GET"),
			fault{name: "two lines", code: "CX-O03", tells: []string{"2 lines"}}},
		{"caddy", allowing, `header Access-Control-Allow-Origin *`, call("GET"), fault{name: "beside the upstream's", code: "CX-O03", tells: []string{"2 lines: * | *"}}},
		{"haproxy", allowing, `    http-response add-header Access-Control-Allow-Origin *`, call("GET"), fault{name: "beside the upstream's", code: "CX-O03", tells: []string{"2 lines"}}},
		{"apache", nil, `Header set Access-Control-Allow-Origin "*"
RewriteEngine On
RewriteRule ^ - [R=503,L]`, call("GET"), fault{name: "Header set without always", code: "CX-S04", tells: []string{"Apache answered with 503"}}},
		{"lighttpd", lines(401, "WWW-Authenticate: Basic"), `server.modules += ( "mod_setenv" )
setenv.add-response-header = ( "Access-Control-Allow-Origin" => "*" )`, call("PUT"), fault{name: "headers, and nobody answers OPTIONS", code: "CX-P01"}},
	} {
		t.Run(row.server+" "+row.name, func(t *testing.T) {
			t.Parallel()
			tr := trials[slices.IndexFunc(trials, func(tr trial) bool { return tr.server == row.server })]
			lab.Need(t, tr.needs...)
			upstream := row.upstream
			if upstream == nil {
				upstream = bare
			}
			b := &bench{T: t, config: row.config, upstream: strings.TrimPrefix(start(t, upstream).URL, "http://")}
			q := row.ask
			q.Request.Origin, q.Request.URL = app, tr.run(b)+"/x"
			row.judge(t, Explain(t.Context(), q))
		})
	}
}
