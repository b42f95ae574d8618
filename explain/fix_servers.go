package explain

import (
	"regexp"
	"slices"
)

// Servers that stand in front: what they are told counts for all behind them.

func (g grant) nginx() []string {
	origin := "$cors_origin"
	var lines []string
	if g.isPublic() {
		origin = "*"
	} else {
		lines = append(lines, "# in http { }:", `map $http_origin $cors_origin { "`+g.origin+`" $http_origin; }`, "# in server { }:")
	}
	return slices.Concat(lines, []string{
		"location / {",
		"    if ($request_method = OPTIONS) {",
		"        add_header Access-Control-Allow-Origin " + origin + ";",
	}, each(`        add_header %s "%s";`, g.preflightLines()), []string{
		"        add_header Vary Origin;",
		"        return 204;",
		"    }",
		"    # always: on errors too",
		"    add_header Access-Control-Allow-Origin " + origin + " always;",
	}, each("    add_header %s %s always;", g.credentialLines()), []string{
		"    add_header Vary Origin always;",
		"    # … proxy_pass as before; and if the upstream sets the header too:",
		"    # proxy_hide_header Access-Control-Allow-Origin;",
		"}",
	})
}

func (g grant) apache() []string {
	lines := []string{`Header always set Access-Control-Allow-Origin "*"`}
	format := `Header always set %s "%s"`
	if !g.isPublic() {
		format += " env=CORS_ORIGIN"
		lines = []string{
			`SetEnvIf Origin "^` + regexp.QuoteMeta(g.origin) + `$" CORS_ORIGIN=$0`,
			`Header always set Access-Control-Allow-Origin "%{CORS_ORIGIN}e" env=CORS_ORIGIN`,
		}
	}
	return slices.Concat(lines, each(format, g.preflightLines()), []string{
		"Header always merge Vary Origin",
		"# in the virtual host, where preflights are answered before a login",
		"RewriteEngine On",
		"RewriteCond %{REQUEST_METHOD} =OPTIONS",
		"RewriteCond %{HTTP:Access-Control-Request-Method} .",
		"RewriteRule ^ - [R=204,L]",
	})
}

func (g grant) caddy() []string {
	who := []string{"    header Origin " + g.origin} // or "*": any value
	return slices.Concat([]string{"@cors {"}, who, []string{"}", "@preflight {", "    method OPTIONS"}, who, []string{
		"    header Access-Control-Request-Method *",
		"}",
		"header @cors {",
		`    Access-Control-Allow-Origin "` + g.origin + `"`,
	}, each(`    %s "%s"`, g.preflightLines()), []string{
		"    defer   # in the place of the upstream's headers, not beside them",
		"}",
		"header {",
		"    +Vary Origin",
		"    defer",
		"}",
		"respond @preflight 204",
	})
}

func (g grant) haproxy() []string {
	allowed := " if { var(txn.origin) -m found }"
	lines := []string{"    http-request set-var(txn.origin) req.hdr(Origin) if { req.hdr(Origin) -m str " + g.origin + " }"}
	if g.isPublic() {
		allowed, lines = "", nil
	}
	set := func(l headerLine) string {
		return "    http-after-response set-header " + l.name + " \"" + l.value + "\"" + allowed
	}
	origin := headerLine{"Access-Control-Allow-Origin", g.origin}
	lines = append(lines, "    http-request return status 204 if METH_OPTIONS { req.hdr(Access-Control-Request-Method) -m found }")
	for _, l := range append([]headerLine{origin}, g.preflightLines()...) {
		lines = append(lines, set(l))
	}
	return append(append([]string{"# in the frontend:"}, lines...), "    http-after-response add-header Vary Origin")
}

func (g grant) lighttpd() []string {
	condition := `$REQUEST_HEADER["Origin"] == "` + g.origin + `" {`
	if g.isPublic() {
		condition = `$REQUEST_HEADER["Origin"] != "" {`
	}
	return slices.Concat([]string{
		`server.modules += ( "mod_setenv", "mod_redirect" )`,
		`setenv.add-response-header = ( "Vary" => "Origin" )`,
		condition,
		"    setenv.set-response-header = (",
		`        "Access-Control-Allow-Origin" => "` + g.origin + `",`,
	}, each(`        "%s" => "%s",`, g.preflightLines()), []string{
		"    )",
		"}",
		`$HTTP["request-method"] == "OPTIONS" {   # lighttpd itself answers`,
		`    url.redirect = ( "" => "/" )`,
		"    url.redirect-code = 204",
		"}",
	})
}

func (g grant) varnish() []string {
	condition := `    if (req.http.Origin == "` + g.origin + `") {`
	if g.isPublic() {
		condition = "    if (req.http.Origin) {"
	}
	return slices.Concat([]string{
		"sub vcl_recv {",
		"    if (req.method == \"OPTIONS\" && req.http.Access-Control-Request-Method) {",
		"        return (synth(204));",
		"    }",
		"}",
		"sub cors {",
		condition,
		`        set resp.http.Access-Control-Allow-Origin = "` + g.origin + `";`,
	}, each(`        set resp.http.%s = "%s";`, g.preflightLines()), []string{
		"    }",
		"    if (resp.http.Vary) {",
		`        set resp.http.Vary = resp.http.Vary + ", Origin";`,
		"    } else {",
		`        set resp.http.Vary = "Origin";`,
		"    }",
		"}",
		"sub vcl_deliver { call cors; }",
		"sub vcl_synth {",
		"    call cors;",
		"    if (resp.status == 204) { return (deliver); }",
		"}",
	})
}

func (g grant) iis() []string {
	credentials := ""
	if g.credentials {
		credentials = ` allowCredentials="true"`
	}
	return slices.Concat([]string{
		"<!-- in <system.webServer>, with the IIS CORS module -->",
		`<cors enabled="true">`,
		`  <add origin="` + g.origin + `"` + credentials + ` maxAge="600">`,
		"    <allowMethods>",
	}, wrapped(`      <add method="`, g.methods), []string{
		"    </allowMethods>",
		"    <allowHeaders>",
	}, wrapped(`      <add header="`, g.headers), []string{
		"    </allowHeaders>",
		"  </add>",
		"</cors>",
	})
}

func wrapped(before string, items []string) (lines []string) {
	for _, item := range items {
		lines = append(lines, before+item+`" />`)
	}
	return lines
}
