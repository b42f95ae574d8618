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
			if _, err := strconv.Atoi(s.Value); err == nil {
				hint = "write " + s.Value + " without quotes"
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

func (d *decoder) duration(path string, n ast.Node, into reflect.Value) {
	switch n := n.(type) {
	case *ast.StringNode:
		v, hint, ok := ParseDuration(n.Value)
		if !ok {
			d.report.addAt(n.GetToken(), path, hint, "%q is no duration", n.Value)
			return
		}
		into.SetInt(int64(v))
	case *ast.IntegerNode:
		d.report.addAt(n.GetToken(), path, adviseDuration(written(n)), "%s has no unit", written(n))
	default:
		d.mismatch(path, n, "a duration", `write one such as "90s", "10m" or "2h"`)
	}
}

// ParseDuration reads a duration such as "10m". If s is none, hint says what to
// write instead.
func ParseDuration(s string) (d time.Duration, hint string, ok bool) {
	d, err := time.ParseDuration(s)
	if err != nil || !likeDuration.MatchString(strings.TrimPrefix(s, "-")) {
		return 0, adviseDuration(s), false
	}
	return d, "", true
}

// durationPattern is what is taken of what Go takes: a unit, always.
const durationPattern = `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`

var likeDuration = regexp.MustCompile(durationPattern)

// meantDuration is what people write for durations elsewhere.
var meantDuration = regexp.MustCompile(`^(\d{1,6})\s*(|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)$`)

func adviseDuration(s string) string {
	if d, err := time.ParseDuration(strings.NewReplacer(" ", "", "+", "").Replace(s)); err == nil && d >= time.Millisecond {
		return "write " + shortDuration(d)
	}
	m := meantDuration.FindStringSubmatch(strings.ToLower(strings.TrimSpace(s)))
	if m == nil {
		return `write one such as "90s", "10m" or "2h"`
	}
	n, _ := strconv.Atoi(m[1])
	unit := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	if m[2] == "" {
		return "write " + shortDuration(time.Duration(n)*time.Second) + " if seconds are meant"
	}
	return "write " + shortDuration(time.Duration(n)*unit[m[2][0]])
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
