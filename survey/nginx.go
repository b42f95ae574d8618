package survey

import (
	"fmt"
	"strings"
)

// readNginx makes a place of each part of the configuration in which something
// is said of CORS.
func readNginx(r *reading) []place {
	root, err := parseNginx(r.text)
	if err != nil {
		r.Unsettled = err.Error()
		return nil
	}
	n := &nginxReading{reading: r, maps: make(map[string]*directive), exprs: make(map[string]*expression), entries: make(map[*directive]map[string]string), looked: make(map[*directive]bool)}
	root.all(n.collect)
	var servers []*directive
	root.all(func(d *directive) bool {
		if d.text == "server" && d.isBlock && (d.has(isCORS) || outerHas(d, isCORS)) {
			servers = append(servers, d)
		}
		return true
	})
	if len(servers) == 0 {
		n.contexts(nil, root, "", len(root.block) > 0)
	}
	for _, s := range servers {
		host := ""
		if len(servers) > 1 {
			host = serverName(s)
		}
		n.contexts(outers(s), s, host, true)
	}
	return n.places
}

// A nginxReading is one of a configuration of nginx.
type nginxReading struct {
	*reading
	maps  map[string]*directive
	exprs map[string]*expression
	// entries are those of the maps, once they were looked at.
	entries map[*directive]map[string]string
	looked  map[*directive]bool // contexts in which a header was looked at
	places  []place
}

// isCORS reports whether a directive sends a header of CORS.
func isCORS(d *directive) bool {
	switch d.text {
	case "add_header":
		return isCORSName(d.arg(0))
	case "more_set_headers":
		return strings.Contains(strings.ToLower(d.arg(len(d.args)-1)), "access-control-allow-origin")
	}
	return false
}

func isCORSName(name string) bool { return strings.EqualFold(name, allowOrigin) }

// outerHas reports whether the contexts around a directive have one themselves.
func outerHas(d *directive, is func(*directive) bool) bool {
	for o := d.outer; o != nil; o = o.outer {
		for _, inner := range o.block {
			if is(inner) {
				return true
			}
		}
	}
	return false
}

// outers are the contexts around a directive, the outermost first.
func outers(d *directive) []*directive {
	if d.outer == nil {
		return nil
	}
	return append(outers(d.outer), d.outer)
}

// collect takes maps, expressions and what is wrong by itself.
func (n *nginxReading) collect(d *directive) bool {
	switch d.text {
	case "map", "geo":
		name := strings.TrimPrefix(d.arg(len(d.args)-1), "$")
		n.maps[name] = d
		for _, e := range d.block {
			if expr, ok := strings.CutPrefix(e.text, "~"); ok && strings.Contains(d.arg(0), "$http_origin") {
				n.sampleOf(strings.TrimPrefix(expr, "*"), strings.HasPrefix(expr, "*"), e.at)
			}
		}
	case "if":
		n.conditional(d)
	case "include":
		n.note(Finding{Name: "include", Severity: Note, Line: d.at.line, Column: d.at.column,
			Message: fmt.Sprintf("the file %s is not read", d.arg(0)), Advice: "put what it says about CORS in its place"})
	case "add_header":
		if isCORSName(d.arg(0)) {
			n.hidden(d)
		}
	}
	return true
}

func (n *nginxReading) conditional(d *directive) {
	for i, w := range d.args {
		if strings.Contains(w.text, "~") && strings.Trim(w.text, "!~*") == "" && i > 0 && i+1 < len(d.args) && strings.Contains(d.arg(i-1), "$http_origin") {
			last := d.args[i+1].text
			if i+1 == len(d.args)-1 {
				last = strings.TrimSuffix(last, ")")
			}
			n.sampleOf(last, strings.HasSuffix(w.text, "*"), d.args[i+1].at)
		}
	}
	if d.outer != nil && d.outer.text == "server" && d.has(func(inner *directive) bool { return inner.text == "add_header" }) {
		n.note(Finding{Name: "not-allowed-here", Severity: Broken, Line: d.at.line, Column: d.at.column,
			Message: "nginx does not start: add_header may stand in an if only within a location"})
	}
}

func (n *nginxReading) sampleOf(source string, fold bool, at spot) {
	if e, err := compile(source, fold); err == nil {
		e.at = at
		n.sample(e)
	} else {
		n.notUnderstood(at, fmt.Sprintf("the expression %q", source))
	}
}

// hidden looks whether the upstream's own headers would come in addition.
func (n *nginxReading) hidden(d *directive) {
	if n.looked[d.outer] {
		return
	}
	n.looked[d.outer] = true
	passes, hides := false, false
	for o := d.outer; o != nil; o = o.outer {
		for _, inner := range o.block {
			passes = passes || strings.HasSuffix(inner.text, "_pass")
			hides = hides || strings.HasSuffix(inner.text, "_hide_header") && isCORSName(inner.arg(0))
		}
	}
	if passes && !hides {
		n.note(Finding{Name: "upstream-not-hidden", Severity: Note, Line: d.at.line, Column: d.at.column,
			Message: "if the server behind sends the header as well, there are two values, and browsers accept none",
			Advice:  "write proxy_hide_header Access-Control-Allow-Origin"})
	}
}

// contexts makes places of a context and of the locations in it.
func (n *nginxReading) contexts(outer []*directive, d *directive, host string, isServer bool) {
	chain := append(outer[:len(outer):len(outer)], d)
	locations := 0
	for _, inner := range d.block {
		if inner.text == "location" && inner.isBlock {
			n.location(chain, inner, host)
			locations++
		}
		if d.outer == nil && (inner.text == "http" || inner.text == "server") && inner.isBlock {
			n.contexts(chain, inner, host, inner.text == "server")
		}
	}
	if isServer && (d.text == "server" || hasDirectly(d) || locations > 0) {
		n.place(chain, host, "/", d.at)
	}
}

// hasDirectly reports whether a context says something of CORS itself.
func hasDirectly(d *directive) bool {
	for _, inner := range d.block {
		if isCORS(inner) || inner.text == "if" && inner.has(isCORS) {
			return true
		}
	}
	return false
}

func (n *nginxReading) location(outer []*directive, d *directive, host string) {
	n.inheritance(d)
	for _, inner := range d.block {
		if inner.text == "if" && inner.isBlock {
			n.inheritance(inner)
		}
	}
	chain := append(outer[:len(outer):len(outer)], d)
	for _, inner := range d.block {
		if inner.text == "location" && inner.isBlock {
			n.location(chain, inner, host)
		}
	}
	path, comments, ok := locationPath(d)
	switch {
	case ok:
		n.place(chain, host, path, d.at)
		p := &n.places[len(n.places)-1]
		p.comments = append(p.comments, comments...)
	case d.has(isCORS):
		n.note(Finding{Name: "no-path", Severity: Note, Line: d.at.line, Column: d.at.column,
			Message: fmt.Sprintf("location %s is no path, and rules speak for paths", strings.Join(texts(d.args), " ")),
			Advice:  "write a rule for the paths under which these resources are"})
	}
}

func texts(words []word) (all []string) {
	for _, w := range words {
		all = append(all, w.text)
	}
	return all
}

// locationPath is the path of a rule for what a location covers.
func locationPath(d *directive) (path string, comments []string, ok bool) {
	path = d.arg(0)
	if len(d.args) > 1 {
		path = d.arg(1)
	}
	switch modifier := d.arg(0); {
	case len(d.args) > 1 && modifier == "=":
		return path, nil, strings.HasPrefix(path, "/")
	case len(d.args) > 1 && strings.HasPrefix(modifier, "~"):
		return expressionPath(path)
	}
	if !strings.HasPrefix(path, "/") {
		return "", nil, false
	}
	if !strings.HasSuffix(path, "/") {
		comments = []string{fmt.Sprintf("Location %s also speaks for what only begins like it, such as %sx; a rule does not.", path, path)}
		path += "/"
	}
	return path, comments, true
}

func (n *nginxReading) place(chain []*directive, host, path string, at spot) {
	n.places = append(n.places, place{
		host: host, path: path, target: path, at: at, always: "write always behind the value",
		server: &nginxModel{reading: n.reading, maps: n.maps, chain: chain, exprs: n.exprs, entries: n.entries},
	})
}

// inheritance finds a context whose own add_header makes it forget those of the
// contexts around it.
func (n *nginxReading) inheritance(d *directive) {
	var own *directive
	for _, inner := range d.block {
		switch {
		case isCORS(inner):
			return
		case inner.text == "add_header" && own == nil:
			own = inner
		}
	}
	if own != nil && outerHas(d, isCORS) {
		n.note(Finding{Name: "inheritance-lost", Severity: Broken, Line: own.at.line, Column: own.at.column,
			Message: fmt.Sprintf("this add_header makes %s %s forget all those around it: no CORS header is sent here", d.text, strings.Join(texts(d.args), " ")),
			Advice:  "repeat the CORS headers, or leave this one to a place outside"})
	}
}

// serverName is the first name of a server that is one.
func serverName(s *directive) string {
	for _, d := range s.block {
		if d.text == "server_name" && d.arg(0) != "_" && !strings.ContainsAny(d.arg(0), "*~$\"") {
			return strings.ToLower(strings.TrimPrefix(d.arg(0), "."))
		}
	}
	return ""
}
