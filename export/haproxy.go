package export

import (
	"fmt"
	"slices"
	"strings"
)

// haproxy decides in a variable of the transaction, which also the rules of
// http-after-response see: those are for every answer, HAProxy's own included.
var haproxy = Target{
	Name:     "haproxy",
	Title:    "HAProxy, as lines of a frontend, and a file for each long list of origins",
	Verified: "HAProxy 2.6",
	Losses:   []Loss{haproxyDots},
	write:    writeHAProxy,
}

var haproxyDots = Loss{
	Name: "deep-dots", Effect: Narrower, Feature: Paths,
	Message:     "HAProxy takes back up to four levels in a row of a path that goes up again",
	Consequence: "nobody is allowed anything under paths with more, which browsers send only where they are written as %2f",
}

func writeHAProxy(p *plan) []File {
	h := &haproxyWriter{plan: p}
	h.path()
	h.rule()
	h.origins()
	h.preflights()
	h.others()
	h.answers()
	h.responses()
	files := []File{{"corsac.cfg", header{"# ", append([]string{
		"Put these lines into each frontend, before its other lines of http-request. It needs HAProxy 2.6 with PCRE, as it is packaged.",
	}, h.put...), true}.comment(p.source) + "# Then: haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy\n" + h.b.String()}}
	return append(files, h.lists...)
}

// A haproxyWriter writes one policy. All that is decided ends up in one variable:
//
//	none                     no rule speaks
//	rule_3                   rule 3 speaks, and the page is not listed
//	rule_3_listed            the page is listed, or every page is
//	rule_3_listed_preflight  it is, and this is a preflight: the answer is 204
//	…_preflight, …_refused   the answer is 403
type haproxyWriter struct {
	*plan
	b     strings.Builder
	lists []File
	put   []string // where to put the lists
}

func (h *haproxyWriter) line(format string, args ...any) {
	fmt.Fprintf(&h.b, "    "+format+"\n", args...)
}

// set sets a variable, if a condition holds.
func (h *haproxyWriter) set(name, value, condition string) {
	if condition != "" {
		condition = " if " + condition
	}
	h.line("http-request set-var(txn.%s) %s%s", name, value, condition)
}

func (h *haproxyWriter) some(is func(*rule) bool) bool { return slices.ContainsFunc(h.rules, is) }

// path cleans the path as a client's would be, were it not to hide anything.
func (h *haproxyWriter) path() {
	if !h.hasPaths() {
		return
	}
	h.lose(haproxyDots)
	const path = "var(txn.corsac_path)"
	h.line("# What the path means, however it is written.")
	h.set("corsac_path", "path,url_dec", "")
	h.set("corsac_path", path+`,'regsub("/+","/",g)'`, "{ "+path+" -m sub // }")
	h.set("corsac_path", path+",concat(/)", "{ "+path+" -m end /. /.. }")
	h.set("corsac_path", path+`,'regsub("/[.](?=/)","",g)'`, "{ "+path+" -m sub /./ }")
	for range 4 {
		h.set("corsac_path", path+`,'regsub("/(?![.][.]/)[^/]+/[.][.](?=/)","",g)'`, "{ "+path+" -m sub /../ }")
	}
	h.set("corsac_path", path+`,'regsub("^(/[.][.])+(?=/)","")'`, "{ "+path+" -m beg /../ }")
}

// rule finds the rule. The last that matches counts.
func (h *haproxyWriter) rule() {
	h.line("# %s", h.chooses())
	if !h.some(func(r *rule) bool { return r.Path == "/" && r.Host == "" }) {
		h.set("corsac", "str(none)", "")
	}
	for _, r := range slices.Backward(h.rules) {
		var conditions []string
		if r.Host != "" {
			conditions = append(conditions, "{ req.fhdr(host),host_only,rtrim(.) -m str -i "+r.Host+" }")
		}
		if r.Path != "/" {
			h.line("# %s", printable(r.Host+r.Path)+" is rule "+fmt.Sprint(r.index)+".")
		}
		if path := haproxyPath(r); path != "" {
			conditions = append(conditions, path)
		}
		h.set("corsac", "str("+haproxyRule(r)+")", strings.Join(conditions, " "))
	}
	if h.hasPaths() {
		h.set("corsac", "str(none)", "!{ var(txn.corsac_path) -m beg / } || { var(txn.corsac_path) -m sub /../ }")
	}
}

// haproxyRule is the state in which the rule speaks.
func haproxyRule(r *rule) string {
	if r.any {
		return fmt.Sprintf("rule_%d_listed", r.index)
	}
	return fmt.Sprintf("rule_%d", r.index)
}

// haproxyPath is true for the paths of a rule, "" where these are all. A path
// with anything in it that may have a meaning to HAProxy is compared in numbers.
func haproxyPath(r *rule) string {
	if r.Path == "/" {
		return ""
	}
	sample, match := "var(txn.corsac_path)", "str"
	if r.tree() { // /users and /users/1 both begin with /users/, with a slash behind them
		sample, match = sample+",concat(/)", "beg"
	}
	const harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-._~"
	if strings.Trim(r.Path, harmless) == "" {
		return fmt.Sprintf("{ %s -m %s %s }", sample, match, r.Path)
	}
	return fmt.Sprintf("{ %s,hex -m %s %X }", sample, match, r.Path)
}

// haproxyInline is how many origins are written on a line. More are in a file,
// which HAProxy makes a tree of.
const haproxyInline = 8

// origins find out whether the page is listed.
func (h *haproxyWriter) origins() {
	h.line("# No browser sends two Origin lines: they are nobody's.")
	h.set("corsac_origin", "req.fhdr(origin)", "{ req.fhdr_cnt(origin) eq 1 }")
	for _, r := range h.rules {
		if r.any {
			continue
		}
		h.line("# The origins of rule %d, %s.", r.index, printable(r.Host+r.Path))
		for _, is := range h.listed(r) {
			state := haproxyRule(r)
			h.set("corsac", "str("+state+"_listed)", "{ var(txn.corsac) -m str "+state+" } { var(txn.corsac_origin) "+is+" }")
		}
	}
}

// listed are matches of which one holds for each of the rule's origins.
func (h *haproxyWriter) listed(r *rule) []string {
	exact := r.exact
	if r.null {
		exact = append(slices.Clone(exact), "null")
	}
	var all []string
	switch {
	case len(exact) > haproxyInline:
		all = append(all, "-m str -f "+h.list(r, exact))
	case len(exact) > 0:
		all = append(all, "-m str "+strings.Join(exact, " "))
	}
	for _, p := range r.patterns {
		all = append(all, "-m reg '"+originRegexp(p)+"'")
	}
	return all
}

// list writes a file of origins, and returns where it is to be.
func (h *haproxyWriter) list(r *rule, exact []string) string {
	name := fmt.Sprintf("corsac-origins-%d.lst", r.index)
	path := "/etc/haproxy/" + name
	h.put = append(h.put, "Put "+name+" where HAProxy looks for it: "+path)
	text := header{"# ", []string{"The origins of rule " + fmt.Sprint(r.index) + ". Put them here: " + path}, true}.comment(h.source)
	h.lists = append(h.lists, File{name, text + strings.Join(exact, "\n") + "\n"})
	return path
}

func (h *haproxyWriter) preflights() {
	h.line("# A preflight is answered here, before authentication.")
	if h.some(func(r *rule) bool { return r.any }) {
		h.set("corsac", "var(txn.corsac),concat(_refused)",
			"METH_OPTIONS { req.fhdr_cnt(origin) gt 1 } { req.fhdr(access-control-request-method) -m found }")
	}
	h.set("corsac", "var(txn.corsac),concat(_preflight)",
		"METH_OPTIONS { req.fhdr(origin) -m found } { req.fhdr(access-control-request-method) -m found }")
}

// others refuses what pages of other origins send.
func (h *haproxyWriter) others() {
	strict := h.states(func(r *rule) bool { return r.RefuseOthers }, "")
	if len(strict) == 0 {
		return
	}
	h.line("# Pages that are not listed change nothing and open no WebSocket, but for the server's own.")
	h.line("# Browsers say which those are; where they do not, the origin is held against scheme and")
	h.line("# host, as a proxy in front may have them. One that took TLS off may be silent.")
	h.set("corsac_scheme", "str(http)", "")
	h.set("corsac_scheme", "str(https)", "{ ssl_fc }")
	h.set("corsac_scheme", "str(https)", "{ var(txn.corsac_origin) -m beg https:// }")
	h.set("corsac_scheme", `req.hdr(x-forwarded-proto,1),lower,'regsub("^ws","http")'`, "{ req.fhdr(x-forwarded-proto) -m found }")
	h.set("corsac_host", "req.fhdr(host)", "")
	h.set("corsac_host", "req.hdr(x-forwarded-host,1)", "{ req.fhdr(x-forwarded-host) -m found }")
	h.set("corsac_host", `var(txn.corsac_host),'regsub(":80$","")'`, "{ var(txn.corsac_scheme) -m str http }")
	h.set("corsac_host", `var(txn.corsac_host),'regsub(":443$","")'`, "{ var(txn.corsac_scheme) -m str https }")
	h.set("corsac_own", "var(txn.corsac_scheme),concat(://,txn.corsac_host),lower", "")
	h.set("corsac_other", "bool(true)", "{ req.fhdr(origin) -m found } !{ req.fhdr(sec-fetch-site) -m found } !{ var(txn.corsac_origin),strcmp(txn.corsac_own) eq 0 }")
	h.set("corsac_other", "bool(true)", "{ req.fhdr(origin) -m found } { req.fhdr(sec-fetch-site) -m found } !{ req.fhdr(sec-fetch-site) -m str same-origin none }")
	h.set("corsac_other", "bool(true)", "{ req.fhdr_cnt(origin) gt 1 }")
	for _, unsafe := range []string{"!{ method GET HEAD OPTIONS }", "METH_GET { req.hdr(upgrade) -m str -i websocket }"} {
		h.set("corsac", "var(txn.corsac),concat(_refused)", haproxyIn(strict)+" { var(txn.corsac_other) -m bool } "+unsafe)
	}
}

// states are those of the rules that are such.
func (h *haproxyWriter) states(such func(*rule) bool, suffix string) []string {
	var states []string
	for _, r := range h.rules {
		if such(r) {
			states = append(states, fmt.Sprintf("rule_%d%s", r.index, suffix))
		}
	}
	return states
}

// haproxyIn is true in one of the states. A line has room for 64 words.
func haproxyIn(states []string) string {
	if len(states) == 1 {
		return "{ var(txn.corsac) -m str " + states[0] + " }"
	}
	return "{ var(txn.corsac) -m reg '^(?:" + strings.Join(states, "|") + ")$' }"
}

func (h *haproxyWriter) answers() {
	h.line("# What HAProxy answers itself.")
	h.line("http-request return status 204 if { var(txn.corsac) -m end _listed_preflight }")
	h.line("http-request deny deny_status 403 if { var(txn.corsac) -m end _preflight _refused }")
}

func (h *haproxyWriter) responses() {
	h.line("# What the API says in these headers does not count.")
	h.line("http-after-response del-header Access-Control- -m beg")
	h.line("# What the policy says does.")
	every := func(*rule) bool { return true }
	h.origin(allowOrigin, every, "_listed", "_listed_preflight")
	h.origin(timingAllowOrigin, func(r *rule) bool { return r.Timing }, "_listed")
	for _, name := range corsFields[1:] {
		for _, v := range h.values(name, "rule_%d_listed", "rule_%d_listed_preflight") {
			h.line("http-after-response set-header %s %s if %s", name, haproxyQuote(v.value), haproxyIn(v.states))
		}
	}
	h.line("http-after-response add-header Vary \"Origin, Access-Control-Request-Method\" if METH_OPTIONS")
	if vary := h.states(func(r *rule) bool { return !r.any }, "(?:_.*)?"); len(vary) > 0 {
		h.line("http-after-response add-header Vary Origin if !METH_OPTIONS { var(txn.corsac) -m reg '^(?:%s)$' }", strings.Join(vary, "|"))
	}
}

// origin sets a header to the page's origin, or to * under the rules that list
// every page.
func (h *haproxyWriter) origin(name string, such func(*rule) bool, suffixes ...string) {
	for _, of := range []struct {
		any   bool
		value string
	}{{false, "%[var(txn.corsac_origin)]"}, {true, `"*"`}} {
		var states []string
		for _, s := range suffixes {
			states = append(states, h.states(func(r *rule) bool { return r.any == of.any && such(r) }, s)...)
		}
		if len(states) > 0 {
			h.line("http-after-response set-header %s %s if %s", name, of.value, haproxyIn(states))
		}
	}
}

// haproxyQuote is a value of a header in which nothing is looked for.
func haproxyQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "%", "%%").Replace(s) + `"`
}
