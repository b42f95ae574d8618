package explain

import (
	"fmt"
	"slices"
	"strings"
)

// A grant is what a server has to allow so that the request passes.
type grant struct {
	origin      string
	methods     []string
	headers     []string
	credentials bool
}

// grantOf reads the grant off the heads that the request needs.
func (i *inquiry) grantOf(needs []Need) grant {
	g := grant{origin: i.page.String()}
	for _, n := range needs {
		for _, line := range n.Lines {
			name, value, _ := strings.Cut(line, ": ")
			switch name {
			case "access-control-allow-origin":
				g.origin = value
			case "access-control-allow-methods":
				g.methods = splitList(value)
			case "access-control-allow-headers":
				g.headers = splitList(value)
			case "access-control-allow-credentials":
				g.credentials = true
			}
		}
	}
	if method := i.call().Method; !slices.Contains(g.methods, method) {
		g.methods = append(g.methods, method)
	}
	return g
}

func (g grant) list(quote, between string, items []string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = quote + item + quote
	}
	return strings.Join(quoted, between)
}

// config writes a grant in the language of a server, or nil if it is not known.
func (g grant) config(server string) []string {
	if !g.isPlain() {
		return nil
	}
	write := map[string]func(grant) []string{
		"nginx": grant.nginx, "apache": grant.apache, "express": grant.express, "php": grant.php, "go": grant.golang, "spring": grant.spring,
		"fastapi": grant.fastapi, "aspnet": grant.aspnet, "iis": grant.aspnet, "caddy": grant.caddy, "corsac": grant.corsac,
	}[server]
	if write == nil {
		return nil
	}
	return write(g)
}

// isPlain reports whether a grant can be written between quotes anywhere: an
// origin or a header's name with quotes in it is written nowhere.
func (g grant) isPlain() bool {
	for _, s := range append(append([]string{g.origin}, g.methods...), g.headers...) {
		if strings.ContainsAny(s, "\"'`\\${}<>\r\n") {
			return false
		}
	}
	return true
}

func (g grant) nginx() []string {
	lines := []string{
		`map $http_origin $cors_origin { "` + g.origin + `" $http_origin; }   # in http { }`,
		"location / {",
		"    if ($request_method = OPTIONS) {",
		"        add_header Access-Control-Allow-Origin $cors_origin;",
	}
	lines = append(lines, g.preflightLines("        add_header ", " \"", "\";")...)
	lines = append(lines, "        add_header Vary Origin;", "        return 204;", "    }",
		"    add_header Access-Control-Allow-Origin $cors_origin always;   # always: on errors too")
	if g.credentials {
		lines = append(lines, `    add_header Access-Control-Allow-Credentials true always;`)
	}
	return append(lines, "    add_header Vary Origin always;", "    # … proxy_pass as before; and if the upstream sets the header too:",
		"    # proxy_hide_header Access-Control-Allow-Origin;", "}")
}

// preflightLines are the lines beside Allow-Origin that a preflight needs.
func (g grant) preflightLines(before, between, after string) (lines []string) {
	line := func(name, value string) { lines = append(lines, before+name+between+value+after) }
	line("Access-Control-Allow-Methods", strings.Join(g.methods, ", "))
	if len(g.headers) > 0 {
		line("Access-Control-Allow-Headers", strings.Join(g.headers, ", "))
	}
	if g.credentials {
		line("Access-Control-Allow-Credentials", "true")
	}
	line("Access-Control-Max-Age", "600")
	return lines
}

func (g grant) apache() []string {
	lines := []string{
		`SetEnvIf Origin "^` + strings.ReplaceAll(g.origin, ".", `\.`) + `$" CORS_ORIGIN=$0`,
		`Header always set Access-Control-Allow-Origin "%{CORS_ORIGIN}e" env=CORS_ORIGIN`,
	}
	lines = append(lines, g.preflightLines("Header always set ", " \"", "\" env=CORS_ORIGIN")...)
	return append(lines, "Header always merge Vary Origin", "# in the virtual host, not in .htaccess: there a preflight is answered before it is asked to log in",
		"RewriteEngine On", "RewriteCond %{REQUEST_METHOD} =OPTIONS", "RewriteCond %{HTTP:Access-Control-Request-Method} .", "RewriteRule ^ - [R=204,L]")
}

func (g grant) express() []string {
	return []string{
		"const cors = require('cors')",
		"app.use(cors({                       // before routes, authentication and body parsers",
		"  origin: '" + g.origin + "',",
		"  methods: [" + g.list("'", ", ", g.methods) + "],",
		"  allowedHeaders: [" + g.list("'", ", ", g.headers) + "],",
		fmt.Sprintf("  credentials: %v,", g.credentials),
		"}))",
	}
}

func (g grant) php() []string {
	lines := []string{
		"if (($_SERVER['HTTP_ORIGIN'] ?? '') === '" + g.origin + "') {   // first of all, before any output",
		"    header('Access-Control-Allow-Origin: " + g.origin + "');",
	}
	lines = append(lines, g.preflightLines("    header('", ": ", "');")...)
	return append(lines, "}", "header('Vary: Origin', false);", "if ($_SERVER['REQUEST_METHOD'] === 'OPTIONS') {", "    http_response_code(204);", "    exit;", "}")
}

func (g grant) golang() []string {
	return []string{
		"policy, err := corsac.New(corsac.Rule{",
		`    Path:        "/",`,
		"    Origins:     []string{" + g.list(`"`, ", ", []string{g.origin}) + "},",
		"    Methods:     []string{" + g.list(`"`, ", ", unsafeMethods(g.methods)) + "},",
		"    Headers:     []string{" + g.list(`"`, ", ", g.headers) + "},",
		fmt.Sprintf("    Credentials: %v,", g.credentials),
		"})",
		"// …",
		"http.ListenAndServe(addr, policy.Wrap(mux))   // around everything, authentication too",
	}
}

func (g grant) spring() []string {
	return []string{
		"http.cors(Customizer.withDefaults());          // in the security filter chain: before authentication",
		"@Bean CorsConfigurationSource corsConfigurationSource() {",
		"  var c = new CorsConfiguration();",
		`  c.setAllowedOrigins(List.of("` + g.origin + `"));`,
		"  c.setAllowedMethods(List.of(" + g.list(`"`, ", ", g.methods) + "));",
		"  c.setAllowedHeaders(List.of(" + g.list(`"`, ", ", g.headers) + "));",
		fmt.Sprintf("  c.setAllowCredentials(%v);", g.credentials),
		"  var s = new UrlBasedCorsConfigurationSource();",
		`  s.registerCorsConfiguration("/**", c);`,
		"  return s;",
		"}",
	}
}

func (g grant) fastapi() []string {
	return []string{
		"app.add_middleware(CORSMiddleware,   # added last: the outermost answers first",
		`    allow_origins=["` + g.origin + `"],`,
		"    allow_methods=[" + g.list(`"`, ", ", g.methods) + "],",
		"    allow_headers=[" + g.list(`"`, ", ", g.headers) + "],",
		fmt.Sprintf("    allow_credentials=%s)", map[bool]string{true: "True", false: "False"}[g.credentials]),
	}
}

func (g grant) aspnet() []string {
	lines := []string{
		`builder.Services.AddCors(o => o.AddPolicy("web", p => p`,
		`    .WithOrigins("` + g.origin + `")`,
		"    .WithMethods(" + g.list(`"`, ", ", g.methods) + ")",
		"    .WithHeaders(" + g.list(`"`, ", ", g.headers) + ")",
	}
	if g.credentials {
		lines = append(lines, "    .AllowCredentials()")
	}
	lines[len(lines)-1] += "));"
	return append(lines, "app.UseRouting();", `app.UseCors("web");          // before UseHttpsRedirection, UseAuthentication and UseAuthorization`)
}

func (g grant) caddy() []string {
	lines := []string{
		"@cors header Origin " + g.origin,
		"@preflight {", "    method OPTIONS", "    header Origin " + g.origin, "    header Access-Control-Request-Method *", "}",
		`header @cors >Access-Control-Allow-Origin "` + g.origin + `"`,
	}
	lines = append(lines, g.preflightLines("header @preflight >", " \"", "\"")...)
	return append(lines, "header >+Vary Origin", "respond @preflight 204")
}

func (g grant) corsac() []string {
	lines := []string{"rules:", "  - path: /", "    origins: [" + g.list(`"`, ", ", []string{g.origin}) + "]"}
	if methods := unsafeMethods(g.methods); len(methods) > 0 {
		lines = append(lines, "    methods: ["+strings.Join(methods, ", ")+"]")
	}
	if len(g.headers) > 0 {
		lines = append(lines, "    headers: ["+strings.Join(g.headers, ", ")+"]")
	}
	if g.credentials {
		lines = append(lines, "    credentials: true")
	}
	return lines
}

// unsafeMethods are those that need permission.
func unsafeMethods(methods []string) (unsafe []string) {
	for _, m := range methods {
		if m != "GET" && m != "HEAD" && m != "POST" {
			unsafe = append(unsafe, m)
		}
	}
	return unsafe
}
