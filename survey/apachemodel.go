package survey

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// apacheModel answers as Apache would at one place of a configuration.
type apacheModel struct {
	reading *reading
	root    *directive // the server's part, or all of a .htaccess file
	path    string
	exprs   map[string]*expression
}

// An apacheRun is one request on its way through the model.
type apacheRun struct {
	*apacheModel
	r   *request
	env map[string]string
	// success has the headers of responses of success, always those of all.
	success, always []field
	condition       []string // what the groups of the last condition caught
	status          int
	active          []*directive // what counts for the request, in order
	varied          []string     // the request headers that conditions have looked at
}

func (m *apacheModel) ask(_ context.Context, r request) answer {
	run := &apacheRun{apacheModel: m, r: &r, env: make(map[string]string)}
	run.collect(m.root)
	for _, d := range run.active {
		run.setEnv(d)
	}
	closed := run.isClosed()
	if !closed || !run.isPerDirectory() { // what stands in a directory comes behind authentication
		run.rewrite()
	}
	own := run.status != 0
	switch {
	case own:
	case r.fails:
		run.status = 404
	case closed:
		run.status = 401
	default:
		run.status = 200
	}
	for _, d := range run.active {
		if d.text == "header" {
			run.header(d)
		}
	}
	fields := run.always
	for _, name := range run.varied {
		run.success = append(run.success, field{"Vary", name, spot{}})
	}
	if !own && run.status < 400 {
		fields = append(run.success, run.always...)
	}
	return answer{status: run.status, own: own, fields: fields}
}

// collect finds the directives that count: those of sections for the place, and
// of conditions that hold.
func (run *apacheRun) collect(d *directive) {
	held := false // one of If, ElseIf
	for _, inner := range d.block {
		if !inner.isBlock {
			run.active = append(run.active, inner)
			continue
		}
		enter := true
		switch inner.text {
		case "ifmodule", "ifdefine", "ifversion":
			enter = !strings.HasPrefix(inner.arg(0), "!")
		case "location", "locationmatch", "directory", "directorymatch":
			path, _, ok := sectionPath(inner)
			enter = ok && (run.path == path || strings.HasSuffix(path, "/") && (strings.HasPrefix(run.path, path) || run.path+"/" == path))
		case "files", "filesmatch", "virtualhost", "proxy", "proxymatch":
			enter = false
		case "if":
			held = run.holds(inner)
			enter = held
		case "elseif":
			enter = !held && run.holds(inner)
			held = held || enter
		case "else":
			enter = !held
		}
		if enter {
			run.collect(inner)
		}
	}
}

// isClosed reports whether the request needs credentials, which a preflight
// never has.
func (run *apacheRun) isClosed() bool {
	closed := false
	for _, d := range run.active {
		limit := d.outer
		switch {
		case d.text != "require":
		case limit != nil && limit.text == "limitexcept" && slices.Contains(texts(limit.args), run.r.method):
		case limit != nil && limit.text == "limit" && !slices.Contains(texts(limit.args), run.r.method):
		case d.arg(0) == "method" && slices.Contains(texts(d.args), run.r.method):
			return false
		case d.arg(0) == "valid-user" || d.arg(0) == "user" || d.arg(0) == "group":
			closed = true
		}
	}
	return closed && run.r.method == "OPTIONS"
}

// isPerDirectory reports whether rewriting stands where it happens late: in a
// section, or in a file of a directory.
func (run *apacheRun) isPerDirectory() bool {
	return run.root.outer == nil || slices.ContainsFunc(run.active, func(d *directive) bool {
		return d.text == "rewriterule" && d.outer != nil && (strings.HasPrefix(d.outer.text, "directory") || strings.HasPrefix(d.outer.text, "location"))
	})
}

// setEnv is what mod_setenvif does, and SetEnv.
//
// https://httpd.apache.org/docs/2.4/mod/mod_setenvif.html
func (run *apacheRun) setEnv(d *directive) {
	switch d.text {
	case "setenv":
		run.env[d.arg(0)] = d.arg(1)
	case "setenvif", "setenvifnocase":
		caught := run.match(d.arg(1), d.text == "setenvifnocase", run.attribute(d.arg(0)), d.at)
		if caught == nil {
			return
		}
		for _, w := range d.args[min(2, len(d.args)):] {
			name, value, hasValue := strings.Cut(w.text, "=")
			if unset, ok := strings.CutPrefix(name, "!"); ok {
				delete(run.env, unset)
				continue
			}
			if !hasValue {
				value = "1"
			}
			run.env[name] = groups(value, '$', caught)
		}
	case "setenvifexpr":
		if run.expr(d.arg(0), d.at) {
			name, value, ok := strings.Cut(d.arg(1), "=")
			if !ok {
				value = "1"
			}
			run.env[name] = value
		}
	}
}

// attribute is what SetEnvIf looks at.
func (run *apacheRun) attribute(name string) string {
	switch lower := strings.ToLower(name); lower {
	case "request_method":
		return run.r.method
	case "request_uri":
		return run.r.path
	default:
		if v, ok := run.requestHeader(name); ok {
			return v
		}
		return run.env[name]
	}
}

func (run *apacheRun) requestHeader(name string) (value string, ok bool) {
	switch strings.ToLower(name) {
	case "origin":
		return run.r.origin, true
	case "access-control-request-method":
		return run.r.wantsMethod, true
	case "access-control-request-headers":
		return run.r.wantsHeaders, true
	case "upgrade":
		return map[bool]string{true: "websocket"}[run.r.upgrade], true
	}
	return "", false
}

// match returns what the groups of an expression catch, or nil.
func (run *apacheRun) match(source string, fold bool, value string, at spot) []string {
	if e := run.expression(source, fold, at); e != nil {
		return e.re.FindStringSubmatch(value)
	}
	return nil
}

func (m *apacheModel) expression(source string, fold bool, at spot) *expression {
	key := strconv.FormatBool(fold) + source
	if e, ok := m.exprs[key]; ok {
		return e
	}
	e, err := compile(source, fold)
	if err != nil {
		m.reading.notUnderstood(at, "the expression "+strconv.Quote(source))
	}
	m.exprs[key] = e
	return e
}

// groups puts what was caught in the place of $1 or %1.
func groups(s string, mark byte, caught []string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == mark && i+1 < len(s) && '0' <= s[i+1] && s[i+1] <= '9' {
			i++
			if n := int(s[i] - '0'); n < len(caught) {
				b.WriteString(caught[n])
			}
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
