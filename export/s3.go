package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/internal/origins"
)

// s3 is the CORS configuration of a bucket. S3 has rules, too, but they speak
// for all keys of the bucket, and it answers by the first that has the origin,
// the method and the headers.
var s3 = Target{
	Name:  "s3",
	Title: "Amazon S3, for aws s3api put-bucket-cors --bucket NAME --cors-configuration file://cors.json",
	Losses: []Loss{
		s3Paths, s3Resources, s3Hosts, s3Credentials, s3EveryHeader, s3RefuseOthers,
		s3Methods, s3EveryMethod, s3Stars, s3ExposeAll, s3Ports, s3Timing, s3Vary, s3TooLarge,
		s3Patterns, s3Preflights, s3Options, s3NoRules,
	},
	write: writeS3,
}

const everywhere = "its pages may read all of the bucket, where another rule speaks, too"

var (
	s3Paths = Loss{
		Name: "paths", Effect: Wider, Feature: Trees,
		Message: "the rules of a bucket speak for all of its keys, not for some", Consequence: everywhere,
	}
	s3Resources = Loss{
		Name: "resources", Effect: Wider, Feature: Resources,
		Message: "the rules of a bucket speak for all of its keys, not for one", Consequence: everywhere,
	}
	s3Hosts = Loss{
		Name: "hosts", Effect: Wider, Feature: Hosts,
		Message: "the rules of a bucket speak for all names that it has", Consequence: everywhere,
	}
	s3Credentials = Loss{
		Name: "credentials", Effect: Wider, Feature: Credentials,
		Message:     "S3 allows credentials to every origin but *, asked or not",
		Consequence: "pages may also read with cookies; S3 itself knows none, but what stands before it may, such as CloudFront",
	}
	s3EveryHeader = Loss{
		Name: "every-header", Effect: Wider, Feature: EveryHeader,
		Message:     "* stands for Authorization, too",
		Consequence: "scripts may set Authorization",
	}
	s3RefuseOthers = Loss{
		Name: "refuse-others", Effect: Wider, Feature: RefuseOthers,
		Message:     "S3 refuses nobody for the origin of the page",
		Consequence: "forms of other origins reach the bucket: its own policy and signatures decide about them",
	}
	s3Methods = Loss{
		Name: "methods", Effect: Narrower, Feature: Methods,
		Message:     "S3 knows no methods but GET, HEAD, POST, PUT and DELETE",
		Consequence: "preflights for the others are refused",
	}
	s3EveryMethod = Loss{
		Name: "every-method", Effect: Narrower, Feature: EveryMethod,
		Message:     "S3 knows no methods but GET, HEAD, POST, PUT and DELETE",
		Consequence: "preflights for others are refused",
	}
	s3Stars = Loss{
		Name: "stars", Effect: Narrower, Feature: Headers,
		Message:     "a name of a header with a star in it would be a pattern, and is left out",
		Consequence: "scripts may not set it, or not read it",
	}
	s3ExposeAll = Loss{
		Name: "expose-all", Effect: Narrower, Feature: ExposeAll,
		Message:     "S3 refuses * among the exposed headers, and it is left out",
		Consequence: "scripts read the headers only that they always may",
	}
	s3Ports = Loss{
		Name: "ports", Effect: Narrower, Feature: AnyPort,
		Message:     "an origin has one star at most: every port of every subdomain cannot be said",
		Consequence: "pages of the default port may read, those of other ports may not",
	}
	s3Timing = Loss{
		Name: "timing", Effect: Narrower, Feature: Timing,
		Message:     "S3 sends no Timing-Allow-Origin",
		Consequence: "pages do not see how long what took",
	}
	s3Vary = Loss{
		Name: "vary", Effect: Narrower, Feature: Vary,
		Message:     "without Origin in the request S3 sends neither CORS headers nor Vary",
		Consequence: "a cache that has kept such a response gives it to pages, which then cannot read it",
	}
	s3TooLarge = Loss{
		Name: "too-large", Effect: Narrower, Feature: SeveralOrigins,
		Message:     "S3 takes no more than 100 rules and 64 KB",
		Consequence: "it refuses this configuration as a whole",
	}
	s3Patterns = Loss{
		Name: "patterns", Effect: Different, Feature: Subdomains,
		Message:     "a star stands for any characters, not for labels or digits only",
		Consequence: "origins that no browser sends are allowed as well, such as https://evil.example/.example.org",
	}
	s3Preflights = Loss{
		Name: "preflights", Effect: Different, Feature: Preflights,
		Message:     "S3 answers 200 to preflights, with those of the headers that were asked for",
		Consequence: "browsers ask again before a request with other headers",
	}
	s3Options = Loss{
		Name: "options", Effect: Different, Feature: PlainOptions,
		Message:     "OPTIONS requests that are no preflights are refused",
		Consequence: "they have no other meaning to a bucket",
	}
	s3NoRules = Loss{
		Name: "no-rules", Effect: Different, Feature: Preflights,
		Message:     "S3 takes no configuration without rules",
		Consequence: "use aws s3api delete-bucket-cors --bucket NAME instead",
	}
)

// A s3Rule has the names of the AWS command line and SDKs.
type s3Rule struct {
	ID             string   `json:"ID"`
	AllowedOrigins []string `json:"AllowedOrigins"`
	AllowedMethods []string `json:"AllowedMethods"`
	AllowedHeaders []string `json:"AllowedHeaders,omitempty"`
	ExposeHeaders  []string `json:"ExposeHeaders,omitempty"`
	MaxAgeSeconds  *int     `json:"MaxAgeSeconds,omitempty"`
}

func writeS3(p *plan) []File {
	p.lose(s3Preflights)
	p.lose(s3Options)
	if len(p.rules) == 0 {
		p.lose(s3NoRules)
	}
	rules := []s3Rule{}
	for _, r := range p.rules {
		p.loseForBucket(r)
		rules = append(rules, s3Rule{
			ID:             s3ID(p, r),
			AllowedOrigins: p.s3Origins(r),
			AllowedMethods: p.s3Methods(r),
			AllowedHeaders: p.s3Headers(r),
			ExposeHeaders:  p.s3Expose(r),
			MaxAgeSeconds:  seconds(r.MaxAge),
		})
	}
	if s3IsTooLarge(rules) {
		p.lose(s3TooLarge)
	}
	return []File{{"cors.json", asJSON(map[string][]s3Rule{"CORSRules": rules})}}
}

// s3ID stands where a comment would, which JSON does not have.
func s3ID(p *plan, r *rule) string {
	const longest = 255
	id := []rune(fmt.Sprintf("rules[%d] of %s, by corsac export; not run", r.index, printable(p.source)))
	return string(id[:min(len(id), longest)])
}

// loseForBucket notes what the bucket's rules cannot say, or say too much of.
func (p *plan) loseForBucket(r *rule) {
	switch {
	case !r.tree():
		p.loseIn(s3Resources, r, "path")
	case r.Path != "/" || len(p.rules) > 1 && r.Host == "":
		p.loseIn(s3Paths, r, "path")
	}
	if r.Host != "" {
		p.loseIn(s3Hosts, r, "host")
	}
	if !r.any && !r.Credentials {
		p.loseIn(s3Credentials, r, "credentials")
	}
	if r.RefuseOthers {
		p.loseIn(s3RefuseOthers, r, "refuse-others")
	}
	if r.Timing {
		p.loseIn(s3Timing, r, "timing")
	}
	p.loseIn(s3Vary, r, "origins")
}

// s3Origins are patterns with one star at most.
func (p *plan) s3Origins(r *rule) []string {
	if r.any {
		return []string{"*"}
	}
	allowed := slices.Clone(r.exact)
	if r.null {
		allowed = append(allowed, "null")
	}
	for _, pattern := range r.patterns {
		allowed = append(allowed, p.s3Pattern(r, pattern)...)
	}
	return allowed
}

func (p *plan) s3Pattern(r *rule, pattern origins.Pattern) []string {
	p.loseIn(s3Patterns, r, "origins")
	if !pattern.AnyPort {
		return []string{pattern.String()}
	}
	ofDefault := pattern
	ofDefault.AnyPort = false
	if pattern.Subdomains {
		p.loseIn(s3Ports, r, "origins")
		return []string{ofDefault.String()}
	}
	return []string{ofDefault.String(), pattern.String()}
}

func (p *plan) s3Methods(r *rule) []string {
	allowed := []string{"GET", "HEAD", "POST"}
	if slices.Contains(r.Methods, "*") {
		p.loseIn(s3EveryMethod, r, "methods")
		return append(allowed, "PUT", "DELETE")
	}
	for _, m := range r.Methods {
		if m == "PUT" || m == "DELETE" {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) < len(r.Methods)+3 {
		p.loseIn(s3Methods, r, "methods")
	}
	return allowed
}

func (p *plan) s3Headers(r *rule) []string {
	if slices.Contains(r.Headers, "*") {
		if len(r.Headers) == 1 {
			p.loseIn(s3EveryHeader, r, "headers")
		}
		return []string{"*"}
	}
	return p.withoutStars(s3Stars, r, "headers", r.Headers)
}

func (p *plan) s3Expose(r *rule) []string {
	if slices.Contains(r.Expose, "*") {
		p.loseIn(s3ExposeAll, r, "expose")
		return nil
	}
	return p.withoutStars(s3Stars, r, "expose", r.Expose)
}

// withoutStars leaves out the names that have a star among other characters.
func (p *plan) withoutStars(stars Loss, r *rule, field string, names []string) []string {
	kept := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name != "*" && strings.Contains(name, "*") })
	if len(kept) < len(names) {
		p.loseIn(stars, r, field)
	}
	return kept
}

// s3IsTooLarge reckons with the XML that is sent.
func s3IsTooLarge(rules []s3Rule) bool {
	const most, mostRules, element = 64 << 10, 100, len("<AllowedOrigin></AllowedOrigin>")
	size := 0
	for _, r := range rules {
		for _, entry := range slices.Concat([]string{r.ID}, r.AllowedOrigins, r.AllowedMethods, r.AllowedHeaders, r.ExposeHeaders) {
			size += element + len(entry)
		}
	}
	return size > most || len(rules) > mostRules
}
