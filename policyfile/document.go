package policyfile

import (
	"errors"
	"fmt"
	"time"

	"github.com/corsac-cors/corsac"
)

// A document is the file as it is written. The types of this chapter say which
// keys there are: reading, suggestions and the JSON Schema all go by them.
type document struct {
	Rules   []rule      `yaml:"rules" jsonschema:"required" jsonschema_description:"Which pages may read which part of the API. The longest path that covers a request speaks for it."`
	Gateway Gateway     `yaml:"gateway" jsonschema_description:"The reverse proxy of corsac serve, in which only the policy speaks CORS."`
	Tests   []testEntry `yaml:"tests" jsonschema_description:"What the policy must allow and block; corsac test runs them."`
}

type rule struct {
	Path         string         `yaml:"path"`
	Host         string         `yaml:"host"`
	Origins      list           `yaml:"origins" jsonschema:"required"`
	Methods      list           `yaml:"methods"`
	Headers      list           `yaml:"headers"`
	Expose       list           `yaml:"expose"`
	Credentials  bool           `yaml:"credentials"`
	MaxAge       *time.Duration `yaml:"max-age"`
	RefuseOthers bool           `yaml:"refuse-others"`
	Timing       bool           `yaml:"timing"`
}

// A list is a list of strings. One string alone stands for a list of one.
type list []string

// policy makes the rules a policy. What corsac.New finds wrong is reported
// where it stands in the file, unless the entry could not even be read.
func (d *decoder) policy(rules []rule) *corsac.Policy {
	if !d.has("rules") {
		d.problem("rules", "write rules: and a list of them below, or rules: [] to allow nothing", "there are no rules")
		return nil
	}
	made := make([]corsac.Rule, len(rules))
	for i, r := range rules {
		made[i] = corsac.Rule{
			Path:         r.Path,
			Host:         r.Host,
			Origins:      r.Origins,
			Methods:      r.Methods,
			Headers:      r.Headers,
			Expose:       r.Expose,
			Credentials:  r.Credentials,
			MaxAge:       d.maxAge(i, r.MaxAge),
			RefuseOthers: r.RefuseOthers,
			Timing:       r.Timing,
		}
	}
	p, err := corsac.New(made...)
	var problems corsac.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			d.problem(p.Path, p.Hint, "%s", p.Message)
		}
	}
	return p
}

// maxAge tells 0s, which forbids that browsers remember, from nothing at all.
func (d *decoder) maxAge(rule int, age *time.Duration) time.Duration {
	switch {
	case age == nil:
		return 0
	case *age == 0:
		return corsac.NoCache
	case *age < 0:
		d.problem(fmt.Sprintf("rules[%d].max-age", rule), "write 0s to forbid that browsers remember", "%s is negative", *age)
		return 0
	}
	return *age
}

func (d *decoder) checkGateway(g *Gateway) {
	g.Check(d.problem)
}
