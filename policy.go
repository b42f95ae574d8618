package corsac

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/corsac-cors/corsac/internal/headers"
	"github.com/corsac-cors/corsac/internal/origins"
	"github.com/corsac-cors/corsac/internal/paths"
)

// A Rule says which pages may read the responses of a part of a server. The
// zero value of each field but Origins is the strictest or the most ordinary
// choice. docs/policy.md tells each field at length.
type Rule struct {
	// Path is the part of the server: "/users/" is a tree, /users and all that
	// is below it; "/health" is one resource. It is written decoded. The longest
	// path that covers a request speaks for it. Empty means "/", everything.
	Path string
	// Host restricts the rule to one host name, without port, such as
	// "api.example.com". A rule with a host speaks before rules without.
	// Empty means every host.
	Host string
	// Origins lists the origins of the pages: exact ("https://app.example.com"),
	// every subdomain ("https://*.example.org"), every port
	// ("http://localhost:*"), "*" or "null". At least one is needed.
	Origins []string
	// Methods lists the methods besides GET, HEAD and POST, which need no
	// permission. They are case-sensitive. "*" allows all, without credentials.
	Methods []string
	// Headers lists the request headers that scripts may set, in any case;
	// groups such as "@tracing" stand for several. "*" allows all but
	// Authorization, without credentials.
	Headers []string
	// Expose lists the response headers that scripts may read, besides the
	// seven that they always may. Groups are allowed here too, and "*",
	// without credentials.
	Expose []string
	// Credentials allows requests that carry cookies, HTTP authentication or
	// client certificates.
	Credentials bool
	// MaxAge is how long browsers may remember the answer to a preflight, in
	// whole seconds, at most 24 hours. Zero says nothing, which browsers take
	// for 5 seconds; [NoCache] forbids it.
	MaxAge time.Duration
	// RefuseOthers also answers 403, without running the handler, to requests
	// from other origins whose method is not safe (GET, HEAD and OPTIONS are),
	// and to their WebSocket handshakes. It does not concern requests without
	// Origin, nor the server's own pages: docs/policy.md says how it knows them.
	RefuseOthers bool
	// Timing also shows the allowed origins the resource's detailed timing
	// (Timing-Allow-Origin).
	Timing bool
}

// NoCache is the MaxAge of a rule whose preflights browsers must not remember.
const NoCache = -1 * time.Second

// longestMaxAge is the most that any browser honours: Firefox's cap.
const longestMaxAge = 24 * time.Hour

// A Policy decides about requests. It is valid by construction, immutable, and
// safe for concurrent use. The zero value, and nil, allow nothing.
type Policy struct {
	rules []*rule
	paths paths.Tree[rule]
}

// A rule is a Rule made ready: valid, in normal form, with the headers that it
// will send.
type rule struct {
	origins origins.Set
	index   int // in Policy.rules
	path    string
	host    string
	methods []string
	headers headers.Set

	allowHeaders []string
	expose       []string
	credentials  bool
	maxAge       time.Duration
	refuseOthers bool
	timing       bool

	// What is sent whatever the request says, in answers to preflights and
	// in other responses.
	preflight []Field
	response  []Field
}

// New makes a policy of rules. If anything is wrong with them, the error is
// [Problems], which lists all of it, and there is no policy. Without rules it
// allows nothing.
func New(rules ...Rule) (*Policy, error) {
	var problems Problems
	p := &Policy{}
	for i, r := range rules {
		c := newRule(i, r, &problems)
		p.rules = append(p.rules, c)
		if other := p.paths.Add(c.host, c.path, c); other != nil {
			problems.add(place(i, "path"), "merge the two rules, or give one of them another path or host",
				"%q has two rules; rules[%d] is the other", c.host+c.path, other.index)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return p, nil
}

// Rules returns the policy's rules in normal form, in the order in which they
// were given: paths cleaned, groups expanded, lists sorted and without
// duplicates, and without what browsers allow anyway. Two policies with equal
// normal forms decide alike.
func (p *Policy) Rules() []Rule {
	if p == nil {
		return nil
	}
	rules := make([]Rule, len(p.rules))
	for i, r := range p.rules {
		rules[i] = Rule{
			Path:         r.path,
			Host:         r.host,
			Origins:      slices.Sorted(r.origins.All()),
			Methods:      slices.Clone(r.methods),
			Headers:      slices.Clone(r.allowHeaders),
			Expose:       slices.Clone(r.expose),
			Credentials:  r.credentials,
			MaxAge:       r.maxAge,
			RefuseOthers: r.refuseOthers,
			Timing:       r.timing,
		}
	}
	return rules
}

func newRule(i int, r Rule, problems *Problems) *rule {
	c := &rule{
		index:        i,
		path:         checkPath(i, r.Path, problems),
		host:         checkHost(i, r.Host, problems),
		origins:      checkOrigins(i, r, problems),
		methods:      checkMethods(i, r, problems),
		allowHeaders: checkHeaders(i, r, problems),
		expose:       checkExpose(i, r, problems),
		credentials:  r.Credentials,
		maxAge:       checkMaxAge(i, r.MaxAge, problems),
		refuseOthers: r.RefuseOthers,
		timing:       r.Timing,
	}
	c.headers = headers.NewSet(c.allowHeaders)
	c.preflight, c.response = c.fields()
	return c
}

// sortedNames returns the names sorted and each once, both in any case. Of two
// spellings the first stays.
func sortedNames(names []string) []string {
	byLower := make(map[string]string, len(names))
	for _, n := range names {
		lower := strings.ToLower(n)
		if _, ok := byLower[lower]; !ok {
			byLower[lower] = n
		}
	}
	sorted := make([]string, 0, len(byLower))
	for _, lower := range slices.Sorted(maps.Keys(byLower)) {
		sorted = append(sorted, byLower[lower])
	}
	return sorted
}
