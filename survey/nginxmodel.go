package survey

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// nginxModel answers as nginx would at one place of a configuration.
type nginxModel struct {
	reading *reading
	maps    map[string]*directive // by the variable that they make
	entries map[*directive]map[string]string
	// chain are the contexts of the place, the outermost first: http, server,
	// location.
	chain []*directive
	exprs map[string]*expression // compiled; nil for what is not understood
}

// A nginxRun is one request on its way through the model.
type nginxRun struct {
	*nginxModel
	r        *request
	vars     map[string]string
	captures []string
	active   []*directive // the contexts whose headers count
	status   int
	mapped   map[string]string // what maps have come to, which is worked out once
}

func (m *nginxModel) ask(_ context.Context, r request) answer {
	run := &nginxRun{nginxModel: m, r: &r, vars: make(map[string]string), mapped: make(map[string]string), active: slices.Clone(m.chain)}
	for _, c := range m.chain {
		if run.rewrite(c) {
			break
		}
	}
	own := run.status != 0
	if !own {
		run.status = run.upstream()
	}
	return answer{status: run.status, own: own, fields: run.fields()}
}

// rewrite carries out what a context does before anything else, and reports
// whether that is the answer.
//
// https://nginx.org/en/docs/http/ngx_http_rewrite_module.html
func (run *nginxRun) rewrite(c *directive) (answered bool) {
	for _, d := range c.block {
		switch d.text {
		case "set":
			run.vars[strings.TrimPrefix(d.arg(0), "$")] = run.value(d.arg(1))
		case "return":
			if n, err := strconv.Atoi(d.arg(0)); err == nil {
				run.status = n
			} else {
				run.status = 302
			}
			return true
		case "if":
			if !run.condition(d) {
				continue
			}
			if d.has(func(inner *directive) bool { return inner.text != "set" }) {
				// The configuration of the last one that is true counts.
				run.active = append(slices.Clone(run.chain), d)
			}
			if run.rewrite(d) {
				return true
			}
		case "break":
			return false
		}
	}
	return false
}

// upstream is the status of what stands behind nginx.
func (run *nginxRun) upstream() int {
	auth := run.effective(func(d *directive) bool {
		return d.text == "auth_basic" || d.text == "auth_request" || d.text == "auth_jwt"
	})
	switch {
	case run.r.fails:
		return 404
	case len(auth) > 0 && auth[0].arg(0) != "off" && run.r.method == "OPTIONS":
		return 401 // browsers send no credentials with preflights
	}
	return 200
}

// effective are the directives of a kind that count: those of the innermost
// context that has any.
func (run *nginxRun) effective(is func(*directive) bool) (found []*directive) {
	for _, c := range slices.Backward(run.active) {
		for _, d := range c.block {
			if is(d) {
				found = append(found, d)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// fields are the headers that are added.
//
// https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header
func (run *nginxRun) fields() (fields []field) {
	for _, d := range run.effective(func(d *directive) bool { return d.text == "add_header" }) {
		always := slices.ContainsFunc(d.args[min(2, len(d.args)):], func(w word) bool { return w.text == "always" })
		if v := run.value(d.arg(1)); v != "" && (always || isOrdinary(run.status)) {
			fields = append(fields, field{d.arg(0), v, d.at})
		}
	}
	for _, c := range run.active {
		for _, d := range c.block {
			if d.text == "more_set_headers" {
				fields = run.moreSet(fields, d)
			}
		}
	}
	return fields
}

// isOrdinary reports whether add_header without always counts.
func isOrdinary(status int) bool {
	switch status {
	case 200, 201, 204, 206, 301, 302, 303, 304, 307, 308:
		return true
	}
	return false
}

// moreSet is what the module headers-more does.
func (run *nginxRun) moreSet(fields []field, d *directive) []field {
	for i := 0; i < len(d.args); i++ {
		if strings.HasPrefix(d.arg(i), "-") {
			i++
			continue
		}
		name, value, _ := strings.Cut(d.arg(i), ":")
		fields = slices.DeleteFunc(fields, func(f field) bool { return strings.EqualFold(f.name, strings.TrimSpace(name)) })
		if v := run.value(strings.TrimSpace(value)); v != "" {
			fields = append(fields, field{strings.TrimSpace(name), v, d.at})
		}
	}
	return fields
}

// condition is that of an if.
func (run *nginxRun) condition(d *directive) bool {
	words := make([]string, len(d.args))
	for i, w := range d.args {
		words[i] = w.text
	}
	if len(words) == 0 {
		return false
	}
	words[0] = strings.TrimPrefix(words[0], "(")
	words[len(words)-1] = strings.TrimSuffix(words[len(words)-1], ")")
	words = slices.DeleteFunc(words, func(s string) bool { return s == "" })
	switch {
	case len(words) == 1:
		v := run.value(words[0])
		return v != "" && v != "0"
	case len(words) == 2 && (words[1] == "=" || words[1] == "!="): // against nothing
		words = append(words, "")
	case len(words) != 3:
		return false
	}
	left, right := run.value(words[0]), words[2]
	switch operator := words[1]; operator {
	case "=":
		return left == run.value(right)
	case "!=":
		return left != run.value(right)
	case "~", "~*", "!~", "!~*":
		return run.match(right, strings.HasSuffix(operator, "*"), left, d.at) != strings.HasPrefix(operator, "!")
	}
	return false
}

// match holds a value against an expression, and keeps what its groups caught.
func (run *nginxRun) match(source string, fold bool, value string, at spot) bool {
	e := run.expression(source, fold, at)
	if e == nil {
		return false
	}
	caught := e.re.FindStringSubmatch(value)
	if caught != nil {
		run.captures = caught
	}
	return caught != nil
}

func (m *nginxModel) expression(source string, fold bool, at spot) *expression {
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

// value puts variables into a text.
func (run *nginxRun) value(s string) string {
	if !strings.Contains(s, "$") {
		return s
	}
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, "$")
		b.WriteString(before)
		if !ok || b.Len() > 64<<10 {
			return b.String()
		}
		name := after
		if inner, rest, closed := strings.Cut(strings.TrimPrefix(after, "{"), "}"); closed && strings.HasPrefix(after, "{") {
			name, s = inner, rest
		} else {
			name = after[:nameLength(after)]
			s = after[len(name):]
		}
		if name == "" {
			b.WriteByte('$')
		}
		b.WriteString(run.variable(name))
	}
}

func nameLength(s string) int {
	if s != "" && '0' <= s[0] && s[0] <= '9' {
		return 1
	}
	return len(s) - len(strings.TrimLeft(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"))
}

func (run *nginxRun) variable(name string) string {
	if v, ok := run.vars[name]; ok {
		return v
	}
	if m, ok := run.maps[name]; ok {
		if v, known := run.mapped[name]; known {
			return v
		}
		run.mapped[name] = "" // for a map that asks for itself
		v := run.lookUp(m)
		run.mapped[name] = v[:min(len(v), 64<<10)]
		return run.mapped[name]
	}
	switch name {
	case "http_origin":
		return run.r.origin
	case "http_access_control_request_method":
		return run.r.wantsMethod
	case "http_access_control_request_headers":
		return run.r.wantsHeaders
	case "http_upgrade":
		return map[bool]string{true: "websocket"}[run.r.upgrade]
	case "request_method":
		return run.r.method
	case "scheme":
		return "https"
	case "host", "http_host", "server_name":
		return "api.invalid"
	case "uri", "request_uri", "document_uri":
		return run.r.path
	}
	if i, err := strconv.Atoi(name); err == nil && i < len(run.captures) {
		return run.captures[i]
	}
	return ""
}

// plainEntries are the entries of a map that are no expressions, behind an
// equals sign, and its default.
func (m *nginxModel) plainEntries(d *directive) map[string]string {
	plain, ok := m.entries[d]
	if ok {
		return plain
	}
	plain = make(map[string]string)
	for _, e := range d.block {
		switch {
		case e.text == "default":
			plain["default"] = e.arg(0)
		case !strings.HasPrefix(e.text, "~"):
			plain["="+strings.ToLower(strings.TrimPrefix(e.text, `\`))] = e.arg(0)
		}
	}
	m.entries[d] = plain
	return plain
}

// lookUp is what a map makes of a value: an entry that equals it, whatever the
// case, then the first expression that matches, then the default.
//
// https://nginx.org/en/docs/http/ngx_http_map_module.html#map
func (run *nginxRun) lookUp(m *directive) string {
	from := run.value(m.arg(0))
	plain := run.plainEntries(m)
	byDefault := plain["default"]
	if value, ok := plain["="+strings.ToLower(from)]; ok && m.text == "map" {
		return run.value(value)
	}
	for _, e := range m.block {
		if expr, ok := strings.CutPrefix(e.text, "~"); ok && m.text == "map" {
			fold := strings.HasPrefix(expr, "*")
			if run.match(strings.TrimPrefix(expr, "*"), fold, from, e.at) {
				return run.value(e.arg(0))
			}
		}
	}
	if m.text == "geo" { // its values have no variables
		return byDefault
	}
	return run.value(byDefault)
}
