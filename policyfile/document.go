package policyfile

import (
	"errors"
	"fmt"
	"time"

	"github.com/corsac-cors/corsac"
)

// A document is the file as it is written. The types of this chapter say which
// keys there are: reading, suggestions and the JSON Schema all go by them. The
// descriptions are what editors show beside a key.
type document struct {
	Rules   []ruleEntry `yaml:"rules" jsonschema:"required" jsonschema_description:"Which pages may read which part of the API. The longest path that covers a request speaks for it; what no rule covers, no other origin reads."`
	Gateway Gateway     `yaml:"gateway" jsonschema_description:"The reverse proxy of corsac serve, in which only the policy speaks CORS."`
	Tests   []testEntry `yaml:"tests" jsonschema_description:"What the policy must allow and what it must block."`
}

type ruleEntry struct {
	Path         string  `yaml:"path" jsonschema:"pattern=^/[^*?#%{}]*$,default=/,example=/users/,example=/health" jsonschema_description:"The part of the API. /users/ is a tree: /users and all below it. /health is one resource. Written decoded."`
	Host         string  `yaml:"host" jsonschema:"minLength=1,example=api.example.com" jsonschema_description:"The one host that the rule is for, in lower case, without port. A rule with a host speaks before rules without. Absent: every host."`
	Origins      list    `yaml:"origins" jsonschema:"required,example=https://app.example.com,example=https://*.example.org,example=http://localhost:*" jsonschema_description:"The origins of the pages that may read: exact, every subdomain (https://*.example.org), every port (http://localhost:*), \"*\" for all, or \"null\"."`
	Methods      list    `yaml:"methods" jsonschema:"example=PUT,example=PATCH,example=DELETE" jsonschema_description:"Methods besides GET, HEAD and POST, which need no permission. Case-sensitive. \"*\" allows all, without credentials."`
	Headers      list    `yaml:"headers" jsonschema:"example=Authorization,example=Content-Type,example=@tracing" jsonschema_description:"Request headers that scripts may set. Groups: @connect, @graphql, @grpc-web, @mcp, @tracing, @tus. \"*\" allows all but Authorization, without credentials."`
	Expose       list    `yaml:"expose" jsonschema:"example=ETag,example=Location,example=X-Request-ID" jsonschema_description:"Response headers that scripts may read, besides Cache-Control, Content-Language, Content-Length, Content-Type, Expires, Last-Modified and Pragma. Groups as in headers. \"*\" exposes all, without credentials."`
	Credentials  bool    `yaml:"credentials" jsonschema:"default=false" jsonschema_description:"Whether requests may carry cookies, HTTP authentication and client certificates."`
	MaxAge       *maxAge `yaml:"max-age" jsonschema:"example=2h,example=10m,example=0s" jsonschema_description:"How long browsers may remember the answer to a preflight: at most 24h, in whole seconds. Firefox keeps it for at most 24h, Chrome 2h, Safari 10m. 0s forbids it. Absent: browsers take 5 seconds."`
	RefuseOthers bool    `yaml:"refuse-others" jsonschema:"default=false" jsonschema_description:"Whether unsafe requests and WebSocket handshakes of other origins are answered 403 and do not reach the API at all."`
	Timing       bool    `yaml:"timing" jsonschema:"default=false" jsonschema_description:"Whether the pages may see the detailed timing of responses (Timing-Allow-Origin)."`
}

type testEntry struct {
	Allow       string `yaml:"allow" jsonschema:"oneof_required=allow,pattern=^\\S+ +\\S+ +from +\\S+$,example=POST /users/ from https://app.example.com" jsonschema_description:"A request whose response the page must be able to read: METHOD PATH from ORIGIN."`
	Block       string `yaml:"block" jsonschema:"oneof_required=block,pattern=^\\S+ +\\S+ +from +\\S+$,example=DELETE /users/1 from https://evil.example.net" jsonschema_description:"A request that must not be sent, or whose response the page must not be able to read: METHOD PATH from ORIGIN."`
	Headers     list   `yaml:"headers" jsonschema_description:"Request headers that the script sets, with values that need permission."`
	Reads       list   `yaml:"reads" jsonschema_description:"Response headers that the script must be able to read."`
	Hides       list   `yaml:"hides" jsonschema_description:"Response headers that the script must not be able to read."`
	Because     string `yaml:"because" jsonschema:"enum=origin,enum=method,enum=header,enum=credentials,enum=no-rule" jsonschema_description:"Why the page must be blocked."`
	Credentials bool   `yaml:"credentials" jsonschema:"default=false" jsonschema_description:"Whether the page sends cookies along."`
}

// A maxAge is a duration that browsers limit.
type maxAge time.Duration

// A list is a list of strings. One string alone stands for a list of one.
type list []string

// policy makes the rules a policy. What corsac.New finds wrong is reported
// where it stands in the file, unless the entry could not even be read.
func (d *decoder) policy(rules []ruleEntry) *corsac.Policy {
	if !d.has("rules") {
		d.problem("rules", "write rules: and a list of them below, or rules: [] to allow nothing", "there are no rules")
		return nil
	}
	made := make([]corsac.Rule, len(rules))
	for i, r := range rules {
		d.checkNotEmpty(i, r)
		made[i] = corsac.Rule{
			Path:         d.rulePath(i, r.Path),
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

// checkNotEmpty refuses quotes with nothing in them, which would stand for
// everything: somebody's variable had no value.
func (d *decoder) checkNotEmpty(rule int, r ruleEntry) {
	at := fmt.Sprintf("rules[%d]", rule)
	if r.Path == "" && d.has(at+".path") {
		d.problem(at+".path", `write "/" for everything, or remove it`, `"" is no path`)
	}
	if r.Host == "" && d.has(at+".host") {
		d.problem(at+".host", "remove it for every host", `"" is no host`)
	}
}

// rulePath is a rule's path, or one that no other rule has if the place that it
// speaks for could not be read.
func (d *decoder) rulePath(rule int, path string) string {
	at := fmt.Sprintf("rules[%d]", rule)
	if d.report.covers(at+".path") || d.report.covers(at+".host") {
		return "/" + at
	}
	return path
}

// maxAge tells 0s, which forbids that browsers remember, from nothing at all.
func (d *decoder) maxAge(rule int, age *maxAge) time.Duration {
	switch {
	case age == nil:
		return 0
	case *age == 0:
		return corsac.NoCache
	case *age < 0:
		d.problem(fmt.Sprintf("rules[%d].max-age", rule), "write 0s to forbid that browsers remember", "%s is negative", time.Duration(*age))
		return 0
	}
	return time.Duration(*age)
}
