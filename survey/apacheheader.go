package survey

import (
	"regexp"
	"slices"
	"strings"
)

// header carries out a Header directive.
//
// https://httpd.apache.org/docs/2.4/mod/mod_headers.html#header
func (run *apacheRun) header(d *directive) {
	args := d.args
	table := &run.success
	if len(args) > 0 {
		switch strings.ToLower(args[0].text) {
		case "always":
			table, args = &run.always, args[1:]
		case "onsuccess":
			args = args[1:]
		}
	}
	if len(args) < 2 {
		return
	}
	action, name := strings.ToLower(args[0].text), strings.TrimSuffix(args[1].text, ":")
	value, rest := "", args[2:]
	if action != "unset" && action != "echo" && len(rest) > 0 {
		value, rest = rest[0].text, rest[1:]
	}
	for _, w := range rest {
		if !run.conditional(w) {
			return
		}
	}
	is := func(f field) bool { return strings.EqualFold(f.name, name) }
	has := slices.ContainsFunc(*table, is)
	f := field{name, run.format(value, d.at), d.at}
	switch {
	case action == "set" || action == "unset":
		*table = slices.DeleteFunc(*table, is)
		if action == "set" {
			*table = append(*table, f)
		}
	case action == "setifempty" && has || action == "echo" || strings.HasPrefix(action, "edit") || action == "note":
	case (action == "append" || action == "merge") && has:
		i := slices.IndexFunc(*table, is)
		if old := (*table)[i].value; action == "append" || !slices.Contains(strings.Split(old, ", "), f.value) {
			(*table)[i].value = old + ", " + f.value
		}
	default:
		*table = append(*table, f)
	}
}

// conditional is what may stand behind the value: env=NAME or expr=….
func (run *apacheRun) conditional(w word) bool {
	if name, ok := strings.CutPrefix(w.text, "env="); ok {
		name, not := strings.CutPrefix(name, "!")
		_, has := run.env[name]
		return has != not
	}
	if expr, ok := strings.CutPrefix(w.text, "expr="); ok {
		return run.expr(expr, w.at)
	}
	return true
}

var formatted = regexp.MustCompile(`%(?:\{([^}]*)\}([es])|([%tDbil]))`)

// format puts variables into a value.
func (run *apacheRun) format(value string, at spot) string {
	if expr, ok := strings.CutPrefix(value, "expr="); ok {
		return run.expand(expr, at)
	}
	return formatted.ReplaceAllStringFunc(value, func(m string) string {
		parts := formatted.FindStringSubmatch(m)
		switch {
		case m == "%%":
			return "%"
		case parts[2] == "e":
			if v, ok := run.env[parts[1]]; ok {
				return v
			}
			return "(null)"
		}
		return ""
	})
}
