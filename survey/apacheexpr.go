package survey

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var apacheVariable = regexp.MustCompile(`%\{([^}]*)\}`)

// expand puts variables into a text.
//
// https://httpd.apache.org/docs/2.4/expr.html#vars
func (run *apacheRun) expand(s string, at spot) string {
	return apacheVariable.ReplaceAllStringFunc(s, func(m string) string {
		return run.variable(m[2:len(m)-1], at)
	})
}

func (run *apacheRun) variable(name string, at spot) string {
	function, argument, ok := strings.Cut(name, ":")
	if ok {
		return run.call(function, argument)
	}
	switch strings.ToUpper(name) {
	case "REQUEST_METHOD":
		return run.r.method
	case "REQUEST_URI", "PATH_INFO":
		return run.r.path
	case "HTTP_HOST", "SERVER_NAME":
		return "api.invalid"
	case "REQUEST_SCHEME":
		return "https"
	case "HTTPS":
		return "on"
	case "HTTP_ORIGIN":
		run.reading.note(Finding{Name: "unknown-variable", Severity: Broken, Line: at.line, Column: at.column,
			Message: "Apache has no variable HTTP_ORIGIN here, and takes it for nothing", Advice: "write %{HTTP:Origin}"})
	}
	return ""
}

// call is a function of a text, or a variable with a prefix, which is the same.
func (run *apacheRun) call(function, argument string) string {
	switch strings.ToLower(function) {
	case "http", "req":
		run.varied = append(run.varied, argument) // Apache says so by itself
		fallthrough
	case "req_novary":
		v, _ := run.requestHeader(argument)
		return v
	case "env", "reqenv", "osenv":
		return run.env[argument]
	case "tolower":
		return strings.ToLower(argument)
	}
	return ""
}

func (run *apacheRun) holds(d *directive) bool {
	return run.expr(strings.Join(texts(d.args), " "), d.at)
}

// expr is whether a condition holds. One that is not understood does not.
//
// https://httpd.apache.org/docs/2.4/expr.html
func (run *apacheRun) expr(source string, at spot) bool {
	x := &apacheExpr{run: run, rest: source, at: at}
	holds := x.or()
	if x.skip(); x.bad || x.rest != "" {
		run.reading.notUnderstood(at, "the condition "+strconv.Quote(source))
		return false
	}
	return holds
}

type apacheExpr struct {
	run   *apacheRun
	rest  string
	at    spot
	bad   bool
	depth int
}

func (x *apacheExpr) skip() { x.rest = strings.TrimLeft(x.rest, " \t\r\n") }

// accept passes over one of the words, if it is next.
func (x *apacheExpr) accept(words ...string) (string, bool) {
	x.skip()
	for _, w := range words {
		if strings.HasPrefix(x.rest, w) {
			x.rest = x.rest[len(w):]
			return w, true
		}
	}
	return "", false
}

func (x *apacheExpr) or() bool {
	holds := x.and()
	for {
		if _, ok := x.accept("||"); !ok || x.bad {
			return holds
		}
		holds = x.and() || holds
	}
}

func (x *apacheExpr) and() bool {
	holds := x.not()
	for {
		if _, ok := x.accept("&&"); !ok || x.bad {
			return holds
		}
		holds = x.not() && holds
	}
}

func (x *apacheExpr) not() bool {
	if x.depth++; x.depth > mostDepth {
		x.bad = true
		return false
	}
	defer func() { x.depth-- }()
	if x.skip(); strings.HasPrefix(x.rest, "!") && !strings.HasPrefix(x.rest, "!=") && !strings.HasPrefix(x.rest, "!~") {
		x.rest = x.rest[1:]
		return !x.not()
	}
	if _, ok := x.accept("("); ok {
		holds := x.or()
		if _, ok := x.accept(")"); !ok {
			x.bad = true
		}
		return holds
	}
	if is, ok := x.accept("-z ", "-n "); ok {
		return (x.operand() == "") == (is == "-z ")
	}
	if _, ok := x.accept("true"); ok {
		return true
	}
	if _, ok := x.accept("false"); ok {
		return false
	}
	return x.comparison()
}

func (x *apacheExpr) comparison() bool {
	left := x.operand()
	operator, ok := x.accept("==", "=~", "!~", "!=", "-strmatch ", "-in ", "in ", "-eq ", "=")
	if !ok {
		x.bad = x.bad || left == "" && x.rest != ""
		return left != ""
	}
	switch operator {
	case "=~", "!~":
		source, fold := x.pattern()
		if x.bad {
			return false
		}
		caught := x.run.match(source, fold, left, x.at)
		if caught != nil {
			x.run.condition = caught
		}
		return (caught != nil) == (operator == "=~")
	case "in ", "-in ":
		return x.isIn(left)
	case "!=":
		return left != x.operand()
	case "-strmatch ":
		x.bad = true
		return false
	}
	return left == x.operand()
}

// isIn looks a value up in a list. A list of plain strings, which may be long,
// is not taken apart for that.
func (x *apacheExpr) isIn(value string) bool {
	x.skip()
	list, rest, ok := strings.Cut(x.rest, "}")
	if !ok || strings.ContainsAny(list, "%\\\"(") || strings.ContainsAny(value, "',{}") {
		return slices.Contains(x.list(), value)
	}
	x.rest = rest
	return strings.Contains(list, "'"+value+"'")
}

// list is {'a', 'b'}.
func (x *apacheExpr) list() (list []string) {
	if _, ok := x.accept("{"); !ok {
		x.bad = true
	}
	for !x.bad {
		list = append(list, x.operand())
		if _, ok := x.accept(","); ok {
			continue
		}
		if _, ok := x.accept("}"); !ok {
			x.bad = true
		}
		break
	}
	return list
}

var bareOperand = regexp.MustCompile(`^(?:%\{[^}]*\}|[A-Za-z0-9_.:/-])+`)
var calledOperand = regexp.MustCompile(`^([A-Za-z_]+)\(\s*['"]([^'"]*)['"]\s*\)`)

// operand is a string, a variable or a function's call.
func (x *apacheExpr) operand() string {
	x.skip()
	if x.rest != "" && (x.rest[0] == '\'' || x.rest[0] == '"') {
		text, rest, ok := strings.Cut(x.rest[1:], x.rest[:1])
		if !ok {
			x.bad = true
		}
		x.rest = rest
		return x.run.expand(text, x.at)
	}
	if m := calledOperand.FindStringSubmatch(x.rest); m != nil {
		x.rest = x.rest[len(m[0]):]
		return x.run.call(m[1], m[2])
	}
	m := bareOperand.FindString(x.rest)
	if m == "" {
		x.bad = true
	}
	x.rest = x.rest[len(m):]
	return x.run.expand(m, x.at)
}

// pattern is an expression: /…/ or m#…#, with an i behind it for any case.
func (x *apacheExpr) pattern() (source string, fold bool) {
	x.skip()
	x.rest = strings.TrimPrefix(x.rest, "m")
	if x.rest == "" {
		x.bad = true
		return "", false
	}
	mark := x.rest[0]
	for i := 1; i < len(x.rest); i++ {
		switch x.rest[i] {
		case '\\':
			i++
		case mark:
			source, x.rest = x.rest[1:i], x.rest[i+1:]
			if strings.HasPrefix(x.rest, "i") {
				x.rest, fold = x.rest[1:], true
			}
			return source, fold
		}
	}
	x.bad = true
	return "", false
}
