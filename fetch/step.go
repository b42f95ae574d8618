package fetch

import "strconv"

// An Algorithm is one of the standards' algorithms.
type Algorithm struct {
	Name   string
	Anchor string // its address
}

// An Outcome is how a step ended.
type Outcome string

const (
	Passed Outcome = "passed"
	Failed Outcome = "failed"
	Noted  Outcome = "noted" // a decision that neither allows nor refuses
)

// A Step is a decision that an algorithm took, with the values it compared.
type Step struct {
	Algorithm
	What     string
	Compared []Fact
	Outcome  Outcome
	// Hop counts the redirects before the step.
	Hop int
	// Exchange is the index of the exchange that is judged, -1 if none is.
	Exchange int
}

// A Fact is a value that a step compared.
type Fact struct{ Name, Value string }

func fact(name, value string) Fact { return Fact{name, value} }

func number(name string, n int) Fact { return Fact{name, strconv.Itoa(n)} }

// step records a decision.
func (f *fetching) step(a Algorithm, outcome Outcome, what string, compared ...Fact) {
	if cap(f.facts)-len(f.facts) < len(compared) {
		f.facts = make([]Fact, 0, 16) // the steps before keep theirs
	}
	start := len(f.facts)
	f.facts = append(f.facts, compared...)
	f.verdict.Steps = append(f.verdict.Steps, Step{
		Algorithm: a, What: what, Outcome: outcome, Compared: f.facts[start:len(f.facts):len(f.facts)],
		Hop: f.hop(), Exchange: f.judged,
	})
}

func (f *fetching) pass(a Algorithm, what string, compared ...Fact) {
	f.step(a, Passed, what, compared...)
}

func (f *fetching) note(a Algorithm, what string, compared ...Fact) {
	f.step(a, Noted, what, compared...)
}

// fail records a decision that ends the fetch, and returns the failure with its
// place filled in.
func (f *fetching) fail(a Algorithm, failure Failure, what string, compared ...Fact) *Failure {
	f.step(a, Failed, what, compared...)
	failure.Hop, failure.Exchange, failure.Preflight = f.hop(), f.judged, f.preflighting
	return &failure
}

func quote(s string) string {
	const longest = 120
	if len(s) > longest {
		return strconv.QuoteToASCII(s[:longest]) + "…"
	}
	return strconv.QuoteToASCII(s)
}

const (
	fetchStandard = "https://fetch.spec.whatwg.org/"
)

// The algorithms that record steps.
var (
	requestConstructor  = Algorithm{"new Request", fetchStandard + "#dom-request"}
	headersAppend       = Algorithm{"append to a Headers object", fetchStandard + "#concept-headers-append"}
	xhrSend             = Algorithm{"send()", "https://xhr.spec.whatwg.org/#dom-xmlhttprequest-send"}
	mainFetch           = Algorithm{"main fetch", fetchStandard + "#concept-main-fetch"}
	schemeFetch         = Algorithm{"scheme fetch", fetchStandard + "#concept-scheme-fetch"}
	httpFetch           = Algorithm{"HTTP fetch", fetchStandard + "#concept-http-fetch"}
	httpRedirectFetch   = Algorithm{"HTTP-redirect fetch", fetchStandard + "#concept-http-redirect-fetch"}
	networkOrCacheFetch = Algorithm{"HTTP-network-or-cache fetch", fetchStandard + "#concept-http-network-or-cache-fetch"}
	networkFetch        = Algorithm{"HTTP-network fetch", fetchStandard + "#concept-http-network-fetch"}
	preflightFetch      = Algorithm{"CORS-preflight fetch", fetchStandard + "#cors-preflight-fetch-0"}
	preflightCaching    = Algorithm{"CORS-preflight cache", fetchStandard + "#concept-cache"}
	corsCheck           = Algorithm{"CORS check", fetchStandard + "#concept-cors-check"}
	taoCheck            = Algorithm{"TAO check", fetchStandard + "#concept-tao-check"}
	corpCheck           = Algorithm{"cross-origin resource policy check", fetchStandard + "#cross-origin-resource-policy-check"}
	responseFiltering   = Algorithm{"filtered response", fetchStandard + "#concept-filtered-response-cors"}
	redirectTaint       = Algorithm{"redirect-taint", fetchStandard + "#concept-request-tainted-origin"}
	appendOrigin        = Algorithm{"append a request `Origin` header", fetchStandard + "#append-a-request-origin-header"}
	portBlocking        = Algorithm{"port blocking", fetchStandard + "#block-bad-port"}
	mixedContent        = Algorithm{"mixed content", "https://w3c.github.io/webappsec-mixed-content/#should-block-fetch"}
	contentSecurity     = Algorithm{"Content Security Policy", "https://w3c.github.io/webappsec-csp/#should-block-request"}
	localNetworkAccess  = Algorithm{"Local Network Access check", "https://wicg.github.io/local-network-access/#local-network-access-check"}
	cookieSelection     = Algorithm{"cookies", "https://www.rfc-editor.org/rfc/rfc6265#section-5.4"}
)
