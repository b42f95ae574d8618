package policyfile

import (
	"encoding"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// The functions of this file read values that are neither lists nor mappings.

// kindOf is a value's type in words.
func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		return "a string"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "a boolean"
	case *ast.NullNode:
		return "nothing"
	}
	return "something else"
}

func isNull(n ast.Node) bool {
	_, ok := n.(*ast.NullNode)
	return ok
}

// written is a scalar as it stands in the file.
func written(n ast.Node) string { return strings.TrimSpace(n.GetToken().Value) }

func (d *decoder) string(path string, n ast.Node) (s string, ok bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.MappingNode:
		d.mismatch(path, n, "a string", "put the value in quotes if it holds a colon and a space")
	case *ast.SequenceNode:
		d.mismatch(path, n, "a string", "write one value, without dash and brackets")
	case *ast.IntegerNode:
		hint := fmt.Sprintf("write %q in quotes", written(n))
		if path == "gateway.listen" || path == "gateway.admin" {
			hint = adviseListen(written(n))
		}
		d.mismatch(path, n, "a string", hint)
	default:
		d.mismatch(path, n, "a string", fmt.Sprintf("write %q in quotes", written(n)))
	}
	return "", false
}

func (d *decoder) bool(path string, n ast.Node, into reflect.Value) {
	if b, ok := n.(*ast.BoolNode); ok {
		into.SetBool(b.Value)
		return
	}
	hint := "write true or false"
	if s, ok := n.(*ast.StringNode); ok {
		switch strings.ToLower(s.Value) {
		case "yes", "on", "y", "true":
			hint = "write true"
		case "no", "off", "n", "false":
			hint = "write false"
		}
		d.report.addAt(n.GetToken(), path, hint, "%q is a string, and a boolean is expected", s.Value)
		return
	}
	d.mismatch(path, n, "a boolean", hint)
}

func (d *decoder) int(path string, n ast.Node, into reflect.Value) {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		hint := "write digits alone"
		if s, ok := n.(*ast.StringNode); ok {
			if v, err := strconv.Atoi(s.Value); err == nil && v >= 0 {
				hint = "write " + strconv.Itoa(v) + " without quotes"
			}
		}
		d.mismatch(path, n, "a whole number", hint)
		return
	}
	v, err := strconv.ParseInt(fmt.Sprint(i.Value), 10, into.Type().Bits())
	if err != nil {
		d.report.addAt(n.GetToken(), path, "", "%s is too large", written(n))
		return
	}
	into.SetInt(v)
}

// text reads a value of a type that reads itself. Its error is a message, and
// perhaps a colon and a hint. A number is text too.
func (d *decoder) text(path string, n ast.Node, into encoding.TextUnmarshaler) {
	s := written(n)
	if _, number := n.(*ast.IntegerNode); !number {
		var ok bool
		if s, ok = d.string(path, n); !ok {
			return
		}
	}
	if err := into.UnmarshalText([]byte(s)); err != nil {
		message, hint, _ := strings.Cut(err.Error(), ": ")
		d.report.addAt(n.GetToken(), path, hint, "%s", message)
	}
}

// duration reads a duration. The limits of what may be written are those of
// the hint alone: whether the value keeps to them is judged later.
func (d *decoder) duration(path string, n ast.Node, into reflect.Value, within limit) {
	switch n := n.(type) {
	case *ast.StringNode:
		v, hint, ok := parseDuration(n.Value, within)
		if !ok {
			d.report.addAt(n.GetToken(), path, hint, "%q is no duration", n.Value)
			return
		}
		into.SetInt(int64(v))
	case *ast.IntegerNode:
		d.report.addAt(n.GetToken(), path, adviseDuration(written(n), within), "%s has no unit", written(n))
	default:
		d.mismatch(path, n, "a duration", exampleDurations)
	}
}

// ParseMaxAge reads the max-age of a rule, such as "10m". If s is no duration,
// hint says what to write instead. Whether a rule may have it, it does not say.
func ParseMaxAge(s string) (d time.Duration, hint string, ok bool) {
	return parseDuration(s, ofMaxAge)
}

func parseDuration(s string, within limit) (d time.Duration, hint string, ok bool) {
	d, err := time.ParseDuration(s)
	if err != nil || !likeDuration.MatchString(strings.TrimPrefix(s, "-")) {
		return 0, adviseDuration(s, within), false
	}
	return d, "", true
}

// A limit finds the duration to propose to somebody who meant another, and why
// it is another.
type limit func(meant time.Duration) (proposed time.Duration, why string)

func unlimited(meant time.Duration) (time.Duration, string) { return meant, "" }

// longestMaxAge is the most that a rule may have.
const longestMaxAge = 24 * time.Hour

func ofMaxAge(meant time.Duration) (time.Duration, string) {
	switch whole := meant.Round(time.Second); {
	case meant > longestMaxAge:
		return longestMaxAge, ": no browser honours more"
	case whole != meant:
		return max(whole, time.Second), ": the header counts whole seconds"
	}
	return meant, ""
}

// durationPattern is what is taken of what Go takes: a unit, always.
const durationPattern = `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`

var likeDuration = regexp.MustCompile(durationPattern)

// meantDuration is what people write for durations elsewhere.
var meantDuration = regexp.MustCompile(`^(\d{1,9})\s*(|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)$`)

const exampleDurations = `write one such as "90s", "10m" or "2h"`

// adviseDuration says what to write instead of s. What it proposes is within
// the limit, so it is never refused in turn.
func adviseDuration(s string, within limit) string {
	if d, err := time.ParseDuration(strings.NewReplacer(" ", "", "+", "").Replace(s)); err == nil && d >= time.Millisecond {
		proposed, why := within(d)
		return "write " + shortDuration(proposed) + why
	}
	m := meantDuration.FindStringSubmatch(strings.ToLower(strings.TrimSpace(s)))
	if m == nil {
		return exampleDurations
	}
	n, _ := strconv.Atoi(m[1])
	unit, unless := time.Second, " if seconds are meant"
	if m[2] != "" {
		unit, unless = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[m[2][0]], ""
	}
	meant := time.Duration(n) * unit
	if meant/unit != time.Duration(n) {
		return exampleDurations // for centuries there is no type
	}
	proposed, why := within(meant)
	return "write " + shortDuration(proposed) + unless + why
}

// shortDuration is "2h" where Duration.String is "2h0m0s".
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
