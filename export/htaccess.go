package export

import (
	"fmt"
)

// htaccess decides with mod_setenvif, because what is in .htaccess comes to
// mod_rewrite after authentication: errors of that have the headers, too.
var htaccess = Target{
	Name:     "htaccess",
	Title:    "Apache httpd, as the first part of .htaccess",
	Verified: "Apache 2.4",
	Losses:   []Loss{htaccessAuthentication, apacheSlashes, emptyLines},
	write:    writeHtaccess,
}

var htaccessAuthentication = Loss{
	Name: "authentication-first", Effect: Narrower, Feature: Preflights,
	Message:     "Apache asks for authentication before it reads what .htaccess answers",
	Consequence: "where Apache itself asks for a password, pages can send nothing that needs a preflight",
}

func writeHtaccess(p *plan) []File {
	p.lose(htaccessAuthentication)
	a := &apacheWriter{plan: p, step: setenvifStep}
	put := []string{
		"Put it at the top of .htaccess in the folder of the site, before other rewrite rules. It is in force at once.",
		"It needs Apache 2.4, AllowOverride FileInfo, Options FollowSymLinks, and: a2enmod headers rewrite setenvif",
		"Where .htaccess of a folder below has RewriteEngine, write RewriteOptions InheritBefore there.",
		"What the server's own configuration passes on with ProxyPass does not come by here: corsac export apache is for that.",
	}
	if a.isLong() {
		put = append(put, "Apache reads it anew for each request. With as many origins, have it in the server's configuration instead: corsac export apache")
	}
	return []File{{".htaccess", header{"# ", put, true}.comment(p.source) + a.decide() + "RewriteEngine On\n" + a.answer() + a.headers()}}
}

// setenvifStep is a step in .htaccess.
func setenvifStep(s apacheStep) string {
	comment := ""
	if s.comment != "" {
		comment = "# " + s.comment + "\n"
	}
	when := s.when
	if s.host != "" {
		when = "req_novary('Host') =~ m#" + s.host + "#i"
		if s.path != "" {
			when += " && %{REQUEST_URI} =~ m#" + s.path + "#"
		}
	}
	if when != "" {
		return comment + fmt.Sprintf("SetEnvIfExpr \"%s\" CORSAC=%s\n", when, s.then)
	}
	path := "^"
	if s.path != "" {
		path = `"` + s.path + `"`
	}
	return comment + fmt.Sprintf("SetEnvIf Request_URI %s CORSAC=%s\n", path, s.then)
}
