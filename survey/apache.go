package survey

import (
	"fmt"
	"strings"
)

// readApache makes a place of each section in which something is said of CORS.
// What is in no virtual host may be a .htaccess file.
func readApache(r *reading) []place {
	root, err := parseApache(r.text)
	if err != nil {
		r.Unsettled = err.Error()
		return nil
	}
	a := &apacheReading{reading: r, exprs: make(map[string]*expression), looked: make(map[*directive]bool)}
	root.all(a.collect)
	var hosts []*directive
	for _, d := range root.block {
		if d.text == "virtualhost" && d.has(isApacheCORS) {
			hosts = append(hosts, d)
		}
	}
	if len(hosts) == 0 {
		a.sections(root, root, "")
		return a.places
	}
	for _, h := range hosts {
		name := ""
		if len(hosts) > 1 {
			name = argOf(h, "servername")
			if i := strings.LastIndex(name, ":"); i >= 0 {
				name = name[:i]
			}
		}
		a.sections(h, h, strings.ToLower(name))
	}
	return a.places
}

// argOf is the argument of a directive directly within another.
func argOf(d *directive, name string) string {
	for _, inner := range d.block {
		if inner.text == name {
			return inner.arg(0)
		}
	}
	return ""
}

// An apacheReading is one of a configuration of Apache.
type apacheReading struct {
	*reading
	exprs  map[string]*expression
	looked map[*directive]bool // sections in which a header was looked at
	places []place
}

// isApacheCORS reports whether a directive sends Access-Control-Allow-Origin.
func isApacheCORS(d *directive) bool {
	if d.text != "header" {
		return false
	}
	for _, w := range d.args {
		if strings.EqualFold(strings.TrimSuffix(w.text, ":"), allowOrigin) {
			return true
		}
	}
	return false
}

// compared are the expressions in a condition.
func (a *apacheReading) compared(condition string, at spot) {
	for {
		_, rest, ok := strings.Cut(condition, "~ ")
		if !ok {
			return
		}
		x := &apacheExpr{rest: rest, at: at}
		if source, fold := x.pattern(); !x.bad {
			a.sampleOf(source, fold, at)
		}
		condition = rest
	}
}

// collect takes the expressions with which origins are compared, and what is
// wrong by itself.
func (a *apacheReading) collect(d *directive) bool {
	switch d.text {
	case "setenvif", "setenvifnocase":
		if strings.EqualFold(d.arg(0), "Origin") {
			a.sampleOf(d.arg(1), d.text == "setenvifnocase", spotOf(d, 1))
		}
	case "rewritecond":
		if strings.Contains(strings.ToLower(d.arg(0)), "origin") && !strings.HasPrefix(d.arg(1), "=") {
			a.sampleOf(strings.TrimPrefix(d.arg(1), "!"), hasFlag(d.arg(2), "NC"), spotOf(d, 1))
		}
	case "header", "setenvifexpr", "if", "elseif":
		if condition := strings.Join(texts(d.args), " "); strings.Contains(strings.ToLower(condition), "origin") {
			a.compared(condition, d.at)
		}
	case "include", "includeoptional":
		a.note(Finding{Name: "include", Severity: Note, Line: d.at.line, Column: d.at.column,
			Message: fmt.Sprintf("the file %s is not read", d.arg(0)), Advice: "put what it says about CORS in its place"})
	case "files", "filesmatch":
		if d.has(isApacheCORS) {
			a.note(Finding{Name: "no-path", Severity: Note, Line: d.at.line, Column: d.at.column,
				Message: fmt.Sprintf("files by name (%s) are no path, and rules speak for paths", d.arg(0)),
				Advice:  "write a rule for the paths under which these resources are"})
		}
	case "limit", "limitexcept":
		if d.has(isApacheCORS) {
			a.note(Finding{Name: "limit", Severity: Note, Line: d.at.line, Column: d.at.column,
				Message: "the section restricts access only: a Header in it is sent whatever the method"})
		}
	}
	if isApacheCORS(d) {
		a.hidden(d)
	}
	return true
}

func spotOf(d *directive, i int) spot {
	if i < len(d.args) {
		return d.args[i].at
	}
	return d.at
}

func (a *apacheReading) sampleOf(source string, fold bool, at spot) {
	if e, err := compile(source, fold); err == nil {
		e.at = at
		a.sample(e)
	} else {
		a.notUnderstood(at, fmt.Sprintf("the expression %q", source))
	}
}

// hidden looks whether the upstream's own headers would come in addition.
func (a *apacheReading) hidden(d *directive) {
	isAdded := strings.EqualFold(d.arg(0), "always") || strings.EqualFold(d.arg(0), "add")
	if !isAdded || a.looked[d.outer] {
		return
	}
	a.looked[d.outer] = true
	proxies, unsets := false, false
	for o := d.outer; o != nil; o = o.outer {
		for _, inner := range o.block {
			proxies = proxies || strings.HasPrefix(inner.text, "proxypass") && inner.text != "proxypassreverse"
			unsets = unsets || isApacheCORS(inner) && strings.EqualFold(inner.arg(0), "unset")
		}
	}
	if proxies && !unsets {
		a.note(Finding{Name: "upstream-not-hidden", Severity: Note, Line: d.at.line, Column: d.at.column,
			Message: "if the server behind sends the header as well, there are two values, and browsers accept none",
			Advice:  "write Header unset Access-Control-Allow-Origin before"})
	}
}

// sections makes places of a server and of the sections in it.
func (a *apacheReading) sections(server, d *directive, host string) {
	if d == server {
		a.place(server, host, "/", d.at, nil)
	}
	for _, inner := range d.block {
		switch inner.text {
		case "location", "locationmatch", "directory", "directorymatch":
			path, comments, ok := sectionPath(inner)
			switch {
			case ok && path != "/":
				a.place(server, host, path, inner.at, comments)
			case !ok && inner.has(isApacheCORS):
				a.note(Finding{Name: "no-path", Severity: Note, Line: inner.at.line, Column: inner.at.column,
					Message: fmt.Sprintf("%s is no path, and rules speak for paths", strings.Join(texts(inner.args), " ")),
					Advice:  "write a rule for the paths under which these resources are"})
			}
		}
		if inner.isBlock && inner.text != "virtualhost" {
			a.sections(server, inner, host)
		}
	}
}

func (a *apacheReading) place(server *directive, host, path string, at spot, comments []string) {
	if at == (spot{}) {
		at = spot{1, 1}
	}
	a.places = append(a.places, place{
		host: host, path: path, target: path, at: at, comments: comments, always: "write Header always set",
		server: &apacheModel{reading: a.reading, root: server, path: path, exprs: a.exprs},
	})
}

// sectionPath is the path of a rule for what a section covers. Where a
// directory's resources are on the web is known for the document root only.
func sectionPath(d *directive) (path string, comments []string, ok bool) {
	path = d.arg(0)
	switch d.text {
	case "location":
		if path == "~" {
			return expressionPath(d.arg(1))
		}
		if !strings.HasSuffix(path, "/") {
			path += "/"
		}
		return path, nil, strings.HasPrefix(path, "/") && !strings.ContainsAny(path, "*?[")
	case "locationmatch":
		return expressionPath(path)
	case "directory":
		return directoryPath(d, path)
	}
	return "", nil, false
}

func directoryPath(d *directive, path string) (string, []string, bool) {
	if strings.ContainsAny(path, "*?[~") {
		return "", nil, false
	}
	path = strings.TrimSuffix(path, "/") + "/"
	for o := d.outer; o != nil; o = o.outer {
		root := argOf(o, "documentroot")
		if root == "" {
			continue
		}
		root = strings.TrimSuffix(root, "/") + "/"
		if below, ok := strings.CutPrefix(path, root); ok {
			return "/" + below, nil, true
		}
		if strings.HasPrefix(root, path) {
			return "/", nil, true
		}
		return "", nil, false
	}
	return "/", nil, true
}

// expressionPath is the path for an expression that begins with one.
func expressionPath(source string) (path string, comments []string, ok bool) {
	begin, rest := source, ""
	if i := strings.IndexAny(source, `\.*+?()[]{}|$`); i >= 0 {
		begin, rest = source[:i], source[i:]
	}
	begin, anchored := strings.CutPrefix(begin, "^")
	isTree := strings.HasSuffix(begin, "/") && (rest == "" || rest == ".*" || rest == "(.*)" || rest == ".*$" || rest == "(.*)$") ||
		rest == "(/|$)" || rest == "(?:/|$)"
	path = strings.TrimSuffix(begin, "/") + "/"
	return path, []string{source + " is an expression, and speaks before plain paths."}, anchored && isTree && strings.HasPrefix(path, "/")
}
