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
		"app.use(cors({                       // before routes, authentication and body parsers",
		"  origin: '" + g.origin + "',",
		"  methods: [" + join("'", g.methods) + "],",
		"  allowedHeaders: [" + join("'", g.headers) + "],",
		fmt.Sprintf("  credentials: %v,", g.credentials),
		"}))",
	}
}

func (g grant) php() []string {
	indent := "    "
	lines := []string{"if (($_SERVER['HTTP_ORIGIN'] ?? '') === '" + g.origin + "') {   // first of all, before any output"}
	if g.isPublic() {
		indent, lines = "", nil
	}
	lines = append(lines, indent+"header('Access-Control-Allow-Origin: "+g.origin+"');")
	lines = append(lines, each(indent+"header('%s: %s');", g.preflightLines())...)
	if !g.isPublic() {
		lines = append(lines, "}")
	}
	return append(lines, "header('Vary: Origin', false);", "if ($_SERVER['REQUEST_METHOD'] === 'OPTIONS') {", "    http_response_code(204);", "    exit;", "}")
}

func (g grant) golang() []string {
	return []string{
		"policy, err := corsac.New(corsac.Rule{",
		`    Path:        "/",`,
		"    Origins:     []string{" + join(`"`, []string{g.origin}) + "},",
		"    Methods:     []string{" + join(`"`, unsafeMethods(g.methods)) + "},",
		"    Headers:     []string{" + join(`"`, g.headers) + "},",
		fmt.Sprintf("    Credentials: %v,", g.credentials),
		"})",
		"if err != nil {",
		"    log.Fatal(err)",
		"}",
		"log.Fatal(http.ListenAndServe(addr, policy.Wrap(mux)))   // around everything, authentication too",
	}
}

func (g grant) spring() []string {
	return []string{
		"@Bean                                // Spring Security finds it by its name, with http.cors(Customizer.withDefaults())",
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
		"app.add_middleware(CORSMiddleware,   # added last: the outermost answers first",
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
		`MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", *MIDDLEWARE]   # the first of all`,
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
		`require "rack/cors"                  # gem "rack-cors"`,
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
	return append(lines, "app.UseRouting();", `app.UseCors("web");          // before UseHttpsRedirection, UseAuthentication and UseAuthorization`)
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
