package export

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/origins"
)

// lighttpd cannot decide about headers in its own language, so a Lua script for
// mod_magnet does. It is called twice for each request: when the path is known,
// before any module answers, and when the response is about to start, whoever
// made it.
var lighttpd = Target{
	Name:     "lighttpd",
	Title:    "lighttpd, as a part of its configuration and a Lua script for mod_magnet",
	Verified: "lighttpd 1.4.69",
	Losses:   []Loss{lighttpdMethods, emptyLines},
	write:    writeLighttpd,
}

var lighttpdMethods = Loss{
	Name: "unknown-methods", Effect: Narrower, Feature: Methods,
	Message:     "lighttpd answers 501 to methods that it does not know",
	Consequence: "requests with methods that no standard registers, or in lower case, fail",
}

// lighttpdKnows are the methods that have a number in lighttpd.
var lighttpdKnows = strings.Fields(`GET HEAD POST PUT DELETE OPTIONS PATCH ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY
	LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PROPFIND PROPPATCH
	REBIND REPORT SEARCH UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL`)

// lighttpdScript is where the script is to be.
const lighttpdScript = "/etc/lighttpd/corsac.lua"

func writeLighttpd(p *plan) []File {
	p.lose(emptyLines)
	for _, r := range p.rules {
		if slices.ContainsFunc(r.Methods, func(m string) bool { return !slices.Contains(lighttpdKnows, m) }) {
			p.loseIn(lighttpdMethods, r, "methods")
		}
	}
	l := &lighttpdWriter{plan: p}
	body := l.body()
	return []File{
		{"corsac.conf", header{"# ", []string{
			"Put it where it is read first: /etc/lighttpd/conf-enabled/00-corsac.conf",
			"mod_magnet has to stand before modules that answer requests, such as mod_auth. Debian has it in lighttpd-modules-lua.",
			"It needs lighttpd 1.4.65.",
			"Then: lighttpd -tt -f /etc/lighttpd/lighttpd.conf && systemctl restart lighttpd",
		}, true}.comment(p.source) + lighttpdConf},
		{"corsac.lua", header{"-- ", []string{
			"Put it where corsac.conf looks for it: " + lighttpdScript,
			"lighttpd sees by itself when it changes.",
		}, true}.comment(p.source) + l.script(body)},
	}
}

const lighttpdConf = `server.modules += ( "mod_magnet" )
magnet.attract-raw-url-to += ( "` + lighttpdScript + `" )
magnet.attract-response-start-to += ( "` + lighttpdScript + `" )
`

// luaQuote is a string of Lua, in any of its versions.
func luaQuote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case unicode.IsPrint(r) && r != utf8.RuneError:
			b.WriteString(s[i : i+size])
		default:
			for _, c := range []byte(s[i : i+size]) {
				fmt.Fprintf(&b, `\%03d`, c)
			}
		}
		i += size
	}
	return b.String() + `"`
}

// A lighttpdWriter writes one policy.
type lighttpdWriter struct{ *plan }

// has reports whether some rule is such.
func (l *lighttpdWriter) has(is func(*rule) bool) bool { return slices.ContainsFunc(l.rules, is) }

// script has lighttpd keep the policy between requests: it calls the whole
// script for each, with variables of its own but one set of globals. The
// version tells that the script has changed since.
func (l *lighttpdWriter) script(body string) string {
	sum := sha256.Sum256([]byte(body))
	version := luaQuote(hex.EncodeToString(sum[:8]))
	return "local version = " + version + "\n" +
		"if _G.corsac and _G.corsac.version == version then\n\treturn _G.corsac.answer(lighty.r)\nend\n\n" +
		body + "\n" +
		"_G.corsac = { version = version, answer = answer }\nreturn answer(lighty.r)\n"
}

func (l *lighttpdWriter) body() string {
	var b strings.Builder
	if l.has(listsOrigins) {
		b.WriteString(lighttpdList)
	}
	b.WriteString("-- The first that covers the path speaks. A tree covers its path and all below.\nlocal rules = {\n")
	for _, r := range l.rules {
		l.rule(&b, r)
	}
	b.WriteString("}\n\n")
	l.find(&b)
	l.allowed(&b)
	if l.has(func(r *rule) bool { return r.RefuseOthers }) {
		b.WriteString(lighttpdRefused)
	}
	l.answer(&b)
	return b.String()
}

const lighttpdList = `-- The words of a text as the keys of a table.
local function list(text)
	local set = {}
	for word in text:gmatch("%S+") do
		set[word] = true
	end
	return set
end

`

func (l *lighttpdWriter) rule(b *strings.Builder, r *rule) {
	line := func(format string, args ...any) { fmt.Fprintf(b, "\t\t"+format+",\n", args...) }
	b.WriteString("\t{\n")
	if r.Host != "" {
		line("host = %s", luaQuote(r.Host))
	}
	line("path = %s", luaQuote(r.prefix()))
	if r.tree() {
		line("tree = %s", luaQuote(r.Path))
	}
	lighttpdOrigins(line, r)
	if r.RefuseOthers {
		line("refuse = true")
	}
	if r.Timing {
		line("timing = true")
	}
	luaFields(line, "preflight", r.preflight)
	luaFields(line, "response", r.response)
	b.WriteString("\t},\n")
}

// lighttpdOrigins has no need to quote: nothing in an origin ends a long string.
func lighttpdOrigins(line func(string, ...any), r *rule) {
	listed := slices.Clone(r.exact)
	if r.null {
		listed = append(listed, "null")
	}
	switch {
	case r.any:
		line("any = true")
		return
	case len(listed) == 1:
		line("origins = list [=[%s]=]", listed[0])
	case len(listed) > 1:
		line("origins = list [=[\n%s\n\t\t]=]", strings.Join(listed, "\n"))
	}
	if len(r.patterns) == 0 {
		return
	}
	var patterns []string
	for _, p := range r.patterns {
		patterns = append(patterns, luaPatterns(p)...)
	}
	line("patterns = { %s }", strings.Join(patterns, ", "))
}

func luaFields(line func(string, ...any), kind string, fields []corsac.Field) {
	if len(fields) == 0 {
		line("%s = {}", kind)
		return
	}
	var entries strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&entries, "\t\t\t[%s] = %s,\n", luaQuote(f.Name), luaQuote(f.Value))
	}
	line("%s = {\n%s\t\t}", kind, entries.String())
}

// luaPatterns match the origins that a pattern stands for. Lua's patterns cannot
// repeat a group, or leave one out: labels are captured, to be looked at, and
// there is another for the port.
func luaPatterns(p origins.Pattern) []string {
	expr, letters := "^"+luaLiteral(p.Scheme)+"://", "a-z"
	if p.Scheme != "http" && p.Scheme != "https" { // whose hosts browsers do not write in lower case
		letters = "A-Za-z"
	}
	switch {
	case p.AnyHost:
		expr += "([" + letters + "0-9._-]*[" + letters + "0-9_-])%.?"
	case p.Subdomains:
		expr += "([" + letters + "0-9._-]+)%."
	}
	expr += luaLiteral(p.Host)
	switch {
	case p.AnyPort:
		return []string{luaQuote(expr + "$"), luaQuote(expr + ":[1-9]%d?%d?%d?%d?$")}
	case p.Port != "":
		expr += ":" + p.Port
	}
	return []string{luaQuote(expr + "$")}
}

// luaLiteral is a pattern that matches the text only.
func luaLiteral(s string) string {
	return strings.NewReplacer(".", "%.", "-", "%-", "+", "%+", "[", "%[", "]", "%]").Replace(s)
}

// find writes the function that finds the rule that speaks. It is asked once:
// afterwards the path may be another, that of a page for errors for example.
func (l *lighttpdWriter) find(b *strings.Builder) {
	b.WriteString("local function find(r)\n\tlocal path = r.req_attr[\"uri.path\"] or \"\"\n")
	here := "path == rule.path or rule.tree and path:sub(1, #rule.tree) == rule.tree"
	if l.has(func(r *rule) bool { return r.Host != "" }) {
		b.WriteString("\tlocal host = (r.req_attr[\"uri.authority\"] or \"\"):lower():gsub(\":%d*$\", \"\"):gsub(\"%.$\", \"\")\n")
		here = "(rule.host or host) == host and (" + here + ")"
	}
	fmt.Fprintf(b, "\tfor number, rule in ipairs(rules) do\n\t\tif %s then\n\t\t\treturn number\n\t\tend\n\tend\n\treturn 0\nend\n\n", here)
}

// allowed writes the function that says what Access-Control-Allow-Origin is.
func (l *lighttpdWriter) allowed(b *strings.Builder) {
	var how []string
	if l.has(listsOrigins) {
		how = append(how, "rule.origins and rule.origins[origin]")
	}
	if l.has(func(r *rule) bool { return len(r.patterns) > 0 }) {
		b.WriteString(lighttpdFits)
		how = append(how, "rule.patterns and fits(origin, rule.patterns)")
	}
	b.WriteString("-- What Access-Control-Allow-Origin is, if the page may read. Of several Origin lines lighttpd makes\n" +
		"-- one, which is no origin.\nlocal function allowed(rule, origin, preflight)\n")
	if l.has(func(r *rule) bool { return r.any }) {
		b.WriteString("\tif rule.any then\n\t\treturn not (preflight and origin:find(\",\", 1, true)) and \"*\"\n\tend\n")
	}
	if len(how) > 0 {
		fmt.Fprintf(b, "\treturn origin and (%s) and origin\n", strings.Join(how, " or "))
	}
	b.WriteString("end\n\n")
}

// listsOrigins reports whether the rule lists origins one by one.
func listsOrigins(r *rule) bool { return len(r.exact) > 0 || r.null }

const lighttpdFits = `-- Whether an origin matches a pattern. What a pattern captures are to be labels with dots between them.
local function fits(origin, patterns)
	for _, pattern in ipairs(patterns) do
		local found, _, labels = origin:find(pattern)
		if found and not (type(labels) == "string" and (labels:find("^%.") or labels:find("%.%.") or labels:find("%.$"))) then
			return true
		end
	end
	return false
end

`

const lighttpdRefused = `-- The first element of a header, or something else.
local function first(line, otherwise)
	return line and line:match("^%s*([^,]-)%s*,") or line or otherwise
end

-- An origin without the dot that ends its host: lighttpd takes it off Host.
local function undotted(origin)
	return (origin:gsub("%.$", ""):gsub("%.(:%d+)$", "%1"))
end

-- Whether the page comes from this very server: the browser says so, or its origin does.
local function own(r, origin)
	if origin:find(",", 1, true) then
		return false
	end
	local site = r.req_header["Sec-Fetch-Site"]
	if site then
		return site == "same-origin" or site == "none"
	end
	-- A proxy that took TLS off may be silent.
	local behind_tls = origin:lower():find("^https://") and "https"
	local scheme = first(r.req_header["X-Forwarded-Proto"], behind_tls or r.req_attr["uri.scheme"]):lower():gsub("^ws", "http")
	local host = first(r.req_header["X-Forwarded-Host"], r.req_attr["uri.authority"] or ""):lower()
	if scheme == "http" then
		host = host:gsub(":80$", "")
	elseif scheme == "https" then
		host = host:gsub(":443$", "")
	end
	return undotted(origin:lower()) == undotted(scheme .. "://" .. host)
end

-- Whether a request of a page that may not read is one that does something, or opens a WebSocket.
local function refused(r, method, origin)
	local websocket = false
	for protocol in (r.req_header["Upgrade"] or ""):lower():gmatch("[^,%s]+") do
		websocket = websocket or protocol == "websocket"
	end
	local safe = method == "GET" and not websocket or method == "HEAD" or method == "OPTIONS"
	return not safe and not own(r, origin)
end

`

// answer writes the function that does the work, in the request and in the
// response: there the status is known.
func (l *lighttpdWriter) answer(b *strings.Builder) {
	b.WriteString(`local function answer(r)
	local number = tonumber(r.req_env["CORSAC_RULE"]) or find(r)
	r.req_env["CORSAC_RULE"] = tostring(number)
	local rule = rules[number]
	local method, origin = r.req_attr["request.method"], r.req_header["Origin"]
	local preflight = origin and method == "OPTIONS" and r.req_header["Access-Control-Request-Method"]
	local allow = rule and allowed(rule, origin, preflight)
	if r.req_item.http_status == 0 then
		if preflight then
			return allow and 204 or 403
		end
`)
	if l.has(func(r *rule) bool { return r.RefuseOthers }) {
		b.WriteString("\t\tif rule and rule.refuse and origin and not allow and refused(r, method, origin) then\n\t\t\treturn 403\n\t\tend\n")
	}
	b.WriteString("\t\treturn 0\n\tend\n\n\t-- What an upstream server says in these headers does not count.\n")
	for _, name := range corsFields {
		fmt.Fprintf(b, "\tr.resp_header[%q] = nil\n", name)
	}
	fmt.Fprintf(b, "\tif allow then\n\t\tr.resp_header[%q] = allow\n", allowOrigin)
	b.WriteString("\t\tfor name, value in pairs(preflight and rule.preflight or rule.response) do\n\t\t\tr.resp_header[name] = value\n\t\tend\n")
	if l.has(func(r *rule) bool { return r.Timing }) {
		fmt.Fprintf(b, "\t\tif rule.timing and not preflight then\n\t\t\tr.resp_header[%q] = allow\n\t\tend\n", timingAllowOrigin)
	}
	b.WriteString("\tend\n")
	l.vary(b)
	b.WriteString("\treturn 0\nend\n")
}

// vary adds to what the upstream server says what it does not say yet.
func (l *lighttpdWriter) vary(b *strings.Builder) {
	depends := "rule"
	if l.has(func(r *rule) bool { return r.any }) {
		depends = "rule and not rule.any"
	}
	fmt.Fprintf(b, `	local vary = method == "OPTIONS" and { "Origin", "Access-Control-Request-Method" } or %s and { "Origin" } or {}
	for _, name in ipairs(vary) do
		local said = r.resp_header["Vary"] or ""
		local names = "," .. said:lower():gsub("%%s", "") .. ","
		if not names:find("," .. name:lower() .. ",", 1, true) then
			r.resp_header["Vary"] = said == "" and name or said .. ", " .. name
		end
	end
`, depends)
}
