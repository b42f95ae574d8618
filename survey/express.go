package survey

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// readExpress makes a place of each path at which the middleware of the package
// cors is mounted.
//
// https://expressjs.com/en/resources/middleware/cors.html
func readExpress(r *reading) []place {
	tokens, err := jsTokens(r.text)
	if err != nil {
		r.Unsettled = err.Error()
		return nil
	}
	x := &expressReading{reading: r, tokens: tokens, constants: make(map[string]jsValue)}
	x.declarations()
	mounts := x.mounts()
	if len(mounts) == 0 {
		if options, ok := x.lonelyOptions(); ok {
			mounts = []expressMount{{path: "/", verb: "use", options: options, at: options.at}}
		}
	}
	return x.places(mounts)
}

// An expressReading is one of a program.
type expressReading struct {
	*reading
	tokens    []token
	constants map[string]jsValue
	function  []string // the names under which the middleware is known
	matched   int      // how many entries were looked at
	depth     int
}

// An expressMount is a call that puts the middleware into force.
type expressMount struct {
	path    string
	verb    string // use, or the method
	options jsValue
	at      spot
}

// declarations collects what names stand for, if it is a literal, and the names
// of the middleware itself.
func (x *expressReading) declarations() {
	x.function = []string{"cors", "enableCors"}
	for i := 0; i+3 < len(x.tokens); i++ {
		t := x.tokens[i]
		if !t.is("const") && !t.is("let") && !t.is("var") && !t.is("import") || x.tokens[i+1].kind != jsName || len(x.constants) == mostCalls {
			continue
		}
		name, j := x.tokens[i+1].text, i+2
		if t.is("import") {
			if x.tokens[j].is("from") && x.tokens[j+1].text == "cors" {
				x.function = append(x.function, name)
			}
			continue
		}
		for j < len(x.tokens)-1 && !x.tokens[j].is("=") && !x.tokens[j].is(";") && j < i+20 { // a type
			j++
		}
		if !x.tokens[j].is("=") {
			continue
		}
		read := &jsReader{tokens: x.tokens, i: j + 1}
		v := read.value()
		if len(v.code) >= 3 && v.code[0].is("require") && v.code[2].text == "cors" {
			x.function = append(x.function, name)
		}
		x.constants[name] = v
	}
}

// mostCalls is of how many calls and names notice is taken. Each is read to its
// end, and they may stand within each other.
const mostCalls = 500

// resolve follows names to what they stand for.
func (x *expressReading) resolve(v jsValue) jsValue {
	for range 10 {
		known, ok := x.constants[v.text]
		if v.kind != jsName || !ok {
			break
		}
		v = known
	}
	return v
}

var expressVerbs = []string{"use", "all", "get", "head", "post", "put", "patch", "delete", "options"}

// mounts finds the calls of the middleware.
func (x *expressReading) mounts() (mounts []expressMount) {
	for i := range x.tokens {
		t := x.tokens[i]
		if t.kind != jsName || !slices.Contains(x.function, t.text) || i+1 >= len(x.tokens) || !x.tokens[i+1].is("(") || len(mounts) == mostCalls {
			continue
		}
		if i > 0 && (x.tokens[i-1].is("function") || x.tokens[i-1].is(".") && t.text != "enableCors") {
			continue
		}
		read := &jsReader{tokens: x.tokens, i: i + 2}
		m := expressMount{path: "/", verb: "use", at: t.at}
		if !read.peek().is(")") {
			m.options = read.value()
		}
		m.path, m.verb = x.mountOf(i)
		mounts = append(mounts, m)
	}
	return mounts
}

// mountOf is the path and the verb of the call in which an argument stands:
// app.use('/api', HERE). What stands in none is taken to be for all.
func (x *expressReading) mountOf(i int) (path, verb string) {
	depth, begin := 0, i
	for begin--; begin >= 0; begin-- {
		t := x.tokens[begin]
		if isClosing(t) {
			depth++
		} else if t.is("(") || t.is("[") || t.is("{") {
			if depth--; depth < 0 {
				break
			}
		} else if t.is(";") && depth == 0 {
			return "/", "use"
		}
	}
	if begin < 2 || !x.tokens[begin].is("(") || !x.tokens[begin-2].is(".") || !slices.Contains(expressVerbs, x.tokens[begin-1].text) {
		return "/", "use"
	}
	path, verb = "/", x.tokens[begin-1].text
	if first := x.tokens[begin+1]; first.kind == jsString {
		path = first.text
	}
	return path, verb
}

// lonelyOptions finds an object of options that nobody uses in what was pasted.
func (x *expressReading) lonelyOptions() (jsValue, bool) {
	tries := 0
	for i, t := range x.tokens {
		if !t.is("{") || tries == mostCalls {
			continue
		}
		tries++
		read := &jsReader{tokens: x.tokens, i: i}
		v := read.object()
		if _, ok := v.members["origin"]; ok {
			return v, true
		}
	}
	return jsValue{}, false
}

// places makes places of mounts. A route's preflights are another mount.
func (x *expressReading) places(mounts []expressMount) (places []place) {
	models := make(map[string]*expressModel)
	for _, m := range mounts {
		path, ok := routePath(m.path, m.verb)
		if !ok {
			x.note(Finding{Name: "no-path", Severity: Note, Line: m.at.line, Column: m.at.column,
				Message: fmt.Sprintf("%q is a pattern, and rules speak for paths", m.path), Advice: "write a rule for the path above it"})
			continue
		}
		options, ok := x.options(m)
		if !ok {
			continue
		}
		if models[path] == nil {
			models[path] = &expressModel{at: m.at}
			places = append(places, place{path: path, target: path, at: m.at, server: models[path]})
		}
		models[path].mount(m.verb, options)
	}
	// Only preflights are answered for everything, and the rest elsewhere.
	return slices.DeleteFunc(places, func(p place) bool {
		model := p.server.(*expressModel)
		return model.routes == nil && len(places) > 1
	})
}

// routePath is the path of a rule for a route.
func routePath(path, verb string) (string, bool) {
	switch {
	case path == "*" || path == "/*" || path == "" || path == "(.*)" || path == "/{*splat}" || path == "*splat":
		return "/", true
	case strings.HasSuffix(path, "/*"):
		path = strings.TrimSuffix(path, "*")
	case verb == "use" && !strings.HasSuffix(path, "/"):
		path += "/"
	}
	return path, strings.HasPrefix(path, "/") && !strings.ContainsAny(path, ":*()[]{}?+\\")
}

// options are those of a mount. It reports false where they would have to be
// evaluated.
func (x *expressReading) options(m expressMount) (*expressOptions, bool) {
	o := defaultExpressOptions()
	if m.options.at == (spot{}) {
		o.originAt, o.methodsAt = m.at, m.at
		return o, true
	}
	v := x.resolve(m.options)
	if v.members == nil {
		x.dynamic(m.options.at, "the options")
		return nil, false
	}
	for _, name := range v.order {
		value := x.resolve(v.members[name])
		if at := v.members[name].at; name != "origin" && value.code != nil {
			x.dynamic(at, name)
			continue
		}
		if !x.option(o, name, value) {
			return nil, false
		}
	}
	if o.originAt == (spot{}) {
		o.originAt = m.at
	}
	return o, true
}

func (x *expressReading) dynamic(at spot, what string) {
	x.note(Finding{Name: "dynamic", Severity: Note, Line: at.line, Column: at.column,
		Message: what + " would have to be evaluated, and nothing is", Advice: "look at what it comes to, and write that into the policy"})
}

func (x *expressReading) option(o *expressOptions, name string, v jsValue) bool {
	at := v.at
	switch name {
	case "origin":
		o.originAt = at
		return x.origin(o, v)
	case "methods":
		o.methods, o.methodsAt = x.listed(v), at
	case "allowedHeaders", "headers":
		o.headers, o.headersAt, o.mirrors = x.listed(v), at, false
	case "exposedHeaders":
		o.expose, o.exposeAt = x.listed(v), at
	case "credentials":
		o.credentials, o.credentialsAt = v.is("true"), at
	case "maxAge":
		o.maxAge, o.maxAgeAt = v.text, at
	case "preflightContinue":
		o.continues = v.is("true")
	case "optionsSuccessStatus":
		if n, err := strconv.Atoi(v.text); err == nil {
			o.status = n
		}
	default:
		x.note(Finding{Name: "unknown-option", Severity: Note, Line: at.line, Column: at.column,
			Message: fmt.Sprintf("the package has no option %q, and passes over it", name)})
	}
	return true
}

// listed is a list, or a text with commas, as the package puts it into a header.
func (x *expressReading) listed(v jsValue) string {
	if !v.isArray {
		return v.text
	}
	var all []string
	for _, item := range v.items {
		all = append(all, x.resolve(item).text)
	}
	return strings.Join(all, ",")
}
