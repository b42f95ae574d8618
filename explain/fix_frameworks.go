package explain

import (
	"fmt"
	"slices"
	"strings"
)

// Frameworks: what their own middleware is told.

func (g grant) express() []string {
	return []string{
		"const cors = require('cors')",
		"// before routes, authentication and body parsers",
		"app.use(cors({",
		"  origin: '" + g.origin + "',",
		"  methods: [" + join("'", g.methods) + "],",
		"  allowedHeaders: [" + join("'", g.headers) + "],",
		fmt.Sprintf("  credentials: %v,", g.credentials),
		"}))",
	}
}

func (g grant) php() []string {
	indent := "    "
	lines := []string{"// first of all, before any output"}
	if g.isPublic() {
		indent = ""
	} else {
		lines = append(lines, "if (($_SERVER['HTTP_ORIGIN'] ?? '') === '"+g.origin+"') {")
	}
	lines = append(lines, indent+"header('Access-Control-Allow-Origin: "+g.origin+"');")
	lines = append(lines, each(indent+"header('%s: %s');", g.preflightLines())...)
	if !g.isPublic() {
		lines = append(lines, "}")
	}
	return append(lines, "header('Vary: Origin', false);", "if ($_SERVER['REQUEST_METHOD'] === 'OPTIONS') {", "    http_response_code(204);", "    exit;", "}")
}

func (g grant) golang() []string {
	rule := [][2]string{{"Path:", `"/"`}, {"Origins:", goStrings([]string{g.origin})}}
	if methods := unsafeMethods(g.methods); len(methods) > 0 {
		rule = append(rule, [2]string{"Methods:", goStrings(methods)})
	}
	if len(g.headers) > 0 {
		rule = append(rule, [2]string{"Headers:", goStrings(g.headers)})
	}
	width := len("Origins:")
	if g.credentials {
		rule = append(rule, [2]string{"Credentials:", "true"})
		width = len("Credentials:")
	}
	lines := []string{"policy, err := corsac.New(corsac.Rule{"}
	for _, field := range rule {
		lines = append(lines, fmt.Sprintf("    %-*s %s,", width, field[0], field[1]))
	}
	return append(lines,
		"})",
		"if err != nil {",
		"    log.Fatal(err)",
		"}",
		"// around everything, authentication too",
		"log.Fatal(http.ListenAndServe(addr, policy.Wrap(mux)))",
	)
}

func goStrings(all []string) string { return "[]string{" + join(`"`, all) + "}" }

func (g grant) spring() []string {
	return []string{
		"// Spring Security finds it by its name: http.cors(withDefaults())",
		"@Bean",
		"CorsFilter corsFilter() {",
		"    var c = new CorsConfiguration();",
		`    c.setAllowedOrigins(List.of("` + g.origin + `"));`,
		"    c.setAllowedMethods(List.of(" + join(`"`, g.methods) + "));",
		"    c.setAllowedHeaders(List.of(" + join(`"`, g.headers) + "));",
		fmt.Sprintf("    c.setAllowCredentials(%v);", g.credentials),
		"    var source = new UrlBasedCorsConfigurationSource();",
		`    source.registerCorsConfiguration("/**", c);`,
		"    return new CorsFilter(source);",
		"}",
	}
}

func (g grant) fastapi() []string {
	return []string{
		"from fastapi.middleware.cors import CORSMiddleware",
		"# the one that is added last answers first",
		"app.add_middleware(CORSMiddleware,",
		"    allow_origins=[" + join(`"`, []string{g.origin}) + "],",
		"    allow_methods=[" + join(`"`, g.methods) + "],",
		"    allow_headers=[" + join(`"`, g.headers) + "],",
		"    allow_credentials=" + python(g.credentials) + ")",
	}
}

func (g grant) flask() []string {
	return []string{
		"from flask_cors import CORS",
		"CORS(app,",
		"    origins=[" + join(`"`, []string{g.origin}) + "],",
		"    methods=[" + join(`"`, g.methods) + "],",
		"    allow_headers=[" + join(`"`, g.headers) + "],",
		"    supports_credentials=" + python(g.credentials) + ")",
	}
}

func (g grant) django() []string {
	origins := "CORS_ALLOWED_ORIGINS = [" + join(`"`, []string{g.origin}) + "]"
	if g.isPublic() {
		origins = "CORS_ALLOW_ALL_ORIGINS = True"
	}
	return []string{
		`INSTALLED_APPS = [*INSTALLED_APPS, "corsheaders"]`,
		"# the first of all",
		`MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", *MIDDLEWARE]`,
		origins,
		"CORS_ALLOW_METHODS = [" + join(`"`, g.methods) + "]",
		"CORS_ALLOW_HEADERS = [" + join(`"`, g.headers) + "]",
		"CORS_ALLOW_CREDENTIALS = " + python(g.credentials),
	}
}

func python(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

func (g grant) rails() []string {
	methods := make([]string, len(g.methods))
	for i, m := range g.methods {
		methods[i] = `:"` + strings.ToLower(m) + `"`
	}
	return []string{
		`require "rack/cors"   # gem "rack-cors"`,
		"Rails.application.config.middleware.insert_before 0, Rack::Cors do",
		"  allow do",
		`    origins "` + g.origin + `"`,
		`    resource "*", headers: [` + join(`"`, g.headers) + "], methods: [" + strings.Join(methods, ", ") + "]" + g.railsCredentials(),
		"  end",
		"end",
	}
}

func (g grant) railsCredentials() string {
	if g.credentials {
		return ", credentials: true"
	}
	return ""
}

func (g grant) aspnet() []string {
	origin := `    .WithOrigins("` + g.origin + `")`
	if g.isPublic() {
		origin = "    .AllowAnyOrigin()"
	}
	lines := []string{
		`builder.Services.AddCors(o => o.AddPolicy("web", p => p`,
		origin,
		"    .WithMethods(" + join(`"`, g.methods) + ")",
		"    .WithHeaders(" + join(`"`, g.headers) + ")",
	}
	if g.credentials {
		lines = append(lines, "    .AllowCredentials()")
	}
	lines[len(lines)-1] += "));"
	return append(lines, "app.UseRouting();", "// before UseHttpsRedirection, UseAuthentication and UseAuthorization", `app.UseCors("web");`)
}

func (g grant) corsac() []string {
	lines := []string{"rules:", "  - path: /", "    origins: [" + join(`"`, []string{g.origin}) + "]"}
	if methods := unsafeMethods(g.methods); len(methods) > 0 {
		lines = append(lines, "    methods: ["+join(`"`, methods)+"]")
	}
	if len(g.headers) > 0 {
		lines = append(lines, "    headers: ["+join(`"`, g.headers)+"]")
	}
	if g.credentials {
		lines = append(lines, "    credentials: true")
	}
	return slices.Clip(lines)
}
