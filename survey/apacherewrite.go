package survey

import (
	"strconv"
	"strings"
)

// rewrite carries out the rules of mod_rewrite: what they set, and the answers
// that they give.
//
// https://httpd.apache.org/docs/2.4/mod/mod_rewrite.html
func (run *apacheRun) rewrite() {
	var conditions []*directive
	on := false
	for _, d := range run.active {
		switch d.text {
		case "rewriteengine":
			on = strings.EqualFold(d.arg(0), "on")
		case "rewritecond":
			conditions = append(conditions, d)
		case "rewriterule":
			if on && run.conditionsHold(conditions) && run.rewriteRule(d) {
				return
			}
			conditions = nil
		}
	}
}

func (run *apacheRun) conditionsHold(conditions []*directive) bool {
	for i := 0; i < len(conditions); i++ {
		d := conditions[i]
		if or := hasFlag(d.arg(2), "OR"); run.conditionHolds(d) {
			for or && i+1 < len(conditions) { // the others of the group do not matter
				i++
				or = hasFlag(conditions[i].arg(2), "OR")
			}
		} else if !or {
			return false
		}
	}
	return true
}

func hasFlag(flags string, name string) bool {
	for f := range strings.SplitSeq(strings.Trim(flags, "[]"), ",") {
		if strings.EqualFold(strings.TrimSpace(f), name) {
			return true
		}
	}
	return false
}

func (run *apacheRun) conditionHolds(d *directive) bool {
	if strings.EqualFold(d.arg(0), "expr") {
		return run.expr(d.arg(1), d.at)
	}
	varied := run.varied
	value := groups(run.expand(d.arg(0), d.at), '%', run.condition)
	pattern, not := strings.CutPrefix(d.arg(1), "!")
	fold := hasFlag(d.arg(2), "NC")
	holds := false
	if equal, ok := strings.CutPrefix(pattern, "="); ok {
		holds = value == strings.Trim(equal, `"`) || fold && strings.EqualFold(value, strings.Trim(equal, `"`))
	} else if len(pattern) == 2 && pattern[0] == '-' {
		return not // files: there are none
	} else if caught := run.match(pattern, fold, value, d.at); caught != nil {
		holds = true
		if !not {
			run.condition = caught
		}
	}
	if holds == not {
		run.varied = varied
	}
	return holds != not
}

// rewriteRule reports whether the rule is the answer, or the last one.
func (run *apacheRun) rewriteRule(d *directive) (last bool) {
	pattern, not := strings.CutPrefix(d.arg(0), "!")
	caught := run.match(pattern, hasFlag(d.arg(2), "NC"), run.r.path, d.at)
	if caught == nil {
		caught = run.match(pattern, hasFlag(d.arg(2), "NC"), strings.TrimPrefix(run.r.path, "/"), d.at)
	}
	if (caught != nil) == not {
		return false
	}
	for f := range strings.SplitSeq(strings.Trim(d.arg(2), "[]"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(f), "=")
		switch strings.ToUpper(name) {
		case "E", "ENV":
			variable, text, _ := strings.Cut(value, ":")
			run.env[variable] = groups(groups(run.expand(text, d.at), '$', caught), '%', run.condition)
		case "R", "REDIRECT":
			if run.status = 302; value != "" {
				run.status, _ = strconv.Atoi(value)
			}
			last = true
		case "F":
			run.status, last = 403, true
		case "G":
			run.status, last = 410, true
		case "L", "END", "LAST":
			last = true
		}
	}
	return last
}
