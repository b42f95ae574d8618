package explain

import (
	"fmt"
	"strings"

	"github.com/corsac-cors/corsac/docs"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// Meaning tells what a line of a console means, without asking anybody: what it
// says, what it does not say, and what to ask next.
func Meaning(m pasted.Message, notes []pasted.Note, showSecrets bool) *Report {
	r := &Report{
		Answer: Blocked, Page: orElse(m.Origin, "unknown"), Target: Target{URL: orElse(m.URL, "unknown"), Relation: relationOf(m)},
		Request:   Call{By: orElse(m.Initiator, "unknown"), Method: orElse(m.Method, "unknown"), Mode: "cors", Credentials: "unknown", Redirect: "follow"},
		Exchanges: []Exchange{}, Profiles: []Profile{}, Obstacles: []Obstacle{}, Causes: []Diagnosis{},
	}
	for _, line := range m.Lines {
		r.Read = append(r.Read, orElse(browserNames[m.Browser], "a browser")+": "+line)
	}
	r.Headline = "BLOCKED, " + orElse(browserNames[m.Browser], "the browser") + " says: " + meaningOf(m)
	switch {
	case saysNothing(m):
		r.Answer, r.Headline = Unknown, "NOT TOLD, "+orElse(browserNames[m.Browser], "the browser")+" says: "+meaningOf(m)
		r.Questions = append(r.Questions, beside)
	case m.About != "":
		topic := topics[m.About]
		r.Answer, r.Headline = topic.answer, strings.ToUpper(string(topic.answer))+", "+orElse(browserNames[m.Browser], "the browser")+" says: "+topic.says+named(m)
	case m.Warning:
		r.Answer, r.Headline = Readable, "READABLE, with a warning: "+meaningOf(m)
	case m.Kind.Family() == fetch.Network:
		r.Answer, r.Headline = Unknown, "NO RESPONSE, "+orElse(browserNames[m.Browser], "the browser")+" says: "+meaningOf(m)
	}
	for _, guess := range guesses(m) {
		r.Causes = append(r.Causes, guess.diagnosis(m))
	}
	for _, n := range notes {
		r.Questions = append(r.Questions, n.Text)
	}
	r.Next = nextCommand(m)
	if page, err := fetch.ParseOrigin(m.Origin); err == nil {
		r.Meanwhile = r.detour(page, orElse(m.RedirectedFrom, m.URL))
	}
	c := &cleaner{}
	if !showSecrets {
		c.learnURL(m.URL)
		c.learnURL(m.RedirectedFrom)
	}
	c.clean(r)
	return r
}

// saysNothing is true of what scripts are told: it may be CORS, or the network.
func saysNothing(m pasted.Message) bool {
	return m.Follows && m.Kind == "" && m.URL == "" && m.NetError == "" && m.Status == 0 && m.About == ""
}

const beside = "That is all a script is told. What does the browser's console say beside it, in a line of its own? Paste that; or, in DevTools, the request with Copy as fetch from the network panel; or give the address with --origin"

func relationOf(m pasted.Message) string {
	u, err := fetch.ParseURL(m.URL)
	o, bad := fetch.ParseOrigin(m.Origin)
	switch {
	case err != nil || bad != nil:
		return "unknown"
	case fetch.SameOrigin(o, u.Origin()):
		return "same-origin"
	case fetch.SameSite(o, u.Origin()):
		return "same-site"
	}
	return "cross-site"
}

func meaningOf(m pasted.Message) string {
	said := sentenceOf(&fetch.Failure{Kind: m.Kind, Name: m.Name, Value: m.Value})
	switch {
	case m.Kind == "":
		said = "the request failed, and the line does not say why"
	case m.Kind == fetch.PreflightStatus && m.Status == 0:
		said = "the preflight is answered with an error status"
	case m.Kind == fetch.PreflightRedirect:
		said = "the preflight is redirected"
	case m.Kind.Family() == fetch.Network:
		said = "there is no response; that is no matter of CORS"
	case m.Preflight:
		said = "in the preflight, " + said
	}
	if m.Status != 0 {
		said += fmt.Sprintf(" (status %d)", m.Status)
	}
	return said
}

// A topic is what a line means that is about no response.
type topic struct {
	answer Answer
	says   string
	guess  guess
}

var topics = map[pasted.Topic]topic{
	pasted.CookieRefused:     {Unknown, "a cookie is refused for its own attributes", guess{"CX-C03", Certain, "the line says so"}},
	pasted.CookiePartitioned: {Unknown, "a cookie is a third party's", guess{"CX-C04", Certain, "the line says so"}},
	pasted.WorkerAnswered:    {Blocked, "a service worker answered with what the page may not have", guess{"CX-B05", Certain, "the line says so"}},
	pasted.ResourceTainted:   {Blocked, "the page looks into what it loaded without CORS", guess{"CX-J03", Certain, "the line says so"}},
	pasted.PreloadUnused:     {Readable, "a preload is of no use: it was loaded in another mode than it is asked for", guess{"CX-J03", Certain, "the line says so"}},
	pasted.SocketRefused:     {Blocked, "a WebSocket was not opened", guess{"CX-W01", Certain, "CORS does not apply to WebSockets"}},
}

// named is the cookie that a line is about.
func named(m pasted.Message) string {
	if m.Name == "" {
		return ""
	}
	return fmt.Sprintf(" (%q)", cut(m.Name))
}

// A guess is a cause that a line allows.
type guess struct {
	code      string
	certainty Certainty
	why       string
}

// guesses are the causes that fit a line, the likeliest first.
func guesses(m pasted.Message) []guess {
	if about, ok := topics[m.About]; ok {
		return []guess{about.guess}
	}
	if by := guessesByKind[m.Kind]; by != nil {
		return by
	}
	switch {
	case m.Kind == fetch.HeaderNotAllowed:
		if owner := ownerOf(m.Name); owner != "" {
			return []guess{{"CX-P07", Likely, "the header is one that " + owner + " adds"}}
		}
		return []guess{{"CX-P06", Certain, "the line names the first such header only; there may be more"}}
	case m.Kind == fetch.MissingAllowOrigin && m.Status == 0:
		return guessesWithoutStatus(m)
	case m.Kind == fetch.MissingAllowOrigin || m.Kind == fetch.PreflightStatus:
		return guessesByStatus(m)
	case m.NetError == "net::ERR_FAILED":
		return []guess{{"CX-B05", Possible, "no line about CORS stands beside it"}}
	case strings.Contains(m.NetError, "BLOCKED_BY_CLIENT"):
		return []guess{{"CX-B07", Likely, m.NetError}}
	}
	return nil
}

// guessesWithoutStatus are for Chrome, which hides the status.
func guessesWithoutStatus(m pasted.Message) []guess {
	if m.Preflight {
		return []guess{
			{"CX-P01", Possible, "if the OPTIONS has status 401 or 403: Chrome does not say"},
			{"CX-P03", Possible, "if it has 404 or 405"},
			{"CX-P08", Possible, "if it has 200 or 204, and GET works"},
			{"CX-S01", Possible, "if it has 500 or more"},
		}
	}
	return []guess{
		{"CX-O01", Possible, "if the answer has a status of 200 to 299: Chrome does not say"},
		{"CX-S01", Possible, "if it has 500 or more"},
		{"CX-S02", Possible, "if it has 404 or 405"},
		{"CX-R01", Possible, "if it is a redirect"},
	}
}

func guessesByStatus(m pasted.Message) []guess {
	s := m.Status
	said := fmt.Sprintf("the status is %d", s)
	switch {
	case s == 0:
		return []guess{{"CX-P02", Likely, "the line does not say which status"}, {"CX-P01", Possible, "if it is 401 or 403"}, {"CX-P03", Possible, "if it is 404 or 405"}}
	case m.Preflight && (s == 401 || s == 403):
		return []guess{{"CX-P01", Likely, said}, {"CX-P02", Possible, "if the server's CORS library refuses the origin"}}
	case m.Preflight && (s == 404 || s == 405 || s == 501):
		return []guess{{"CX-P03", Likely, said}}
	case s == 404 || s == 405 || s == 410:
		return []guess{{"CX-S02", Likely, said}}
	case s == 413:
		return []guess{{"CX-S03", Certain, said}}
	case s == 429, s == 502, s == 503, s == 504:
		return []guess{{"CX-S04", Certain, said}}
	case s >= 500:
		return []guess{{"CX-S01", Certain, said}}
	case isRedirect(s) && m.Preflight:
		return []guess{{"CX-P04", Certain, said}}
	case isRedirect(s):
		return []guess{{"CX-R01", Certain, said}}
	case m.Preflight && !isOK(s):
		return []guess{{"CX-P02", Certain, said}}
	case m.Preflight:
		return []guess{{"CX-P08", Likely, said}, {"CX-O01", Possible, "if GET has no header either"}}
	}
	return []guess{{"CX-O01", Likely, said}}
}

var guessesByKind = map[fetch.Kind][]guess{
	fetch.AllowOriginMismatch:     {{"CX-O02", Certain, "the line says so"}},
	fetch.InvalidAllowOrigin:      {{"CX-O06", Certain, "the line says so"}},
	fetch.MultipleAllowOrigin:     {{"CX-O03", Certain, "the line says so"}},
	fetch.WildcardWithCredentials: {{"CX-C01", Certain, "the line says so"}},
	fetch.InvalidAllowCredentials: {{"CX-C02", Certain, "the line says so"}},
	fetch.PreflightRedirect:       {{"CX-P04", Certain, "the line says so"}},
	fetch.MethodNotAllowed:        {{"CX-P05", Certain, "the line says so"}},
	fetch.InvalidAllowMethods:     {{"CX-P10", Certain, "the line says so"}},
	fetch.InvalidAllowHeaders:     {{"CX-P10", Certain, "the line says so"}},
	fetch.RedirectCredentials:     {{"CX-R03", Certain, "the line says so"}},
	fetch.RedirectScheme:          {{"CX-R03", Certain, "the line says so"}},
	fetch.InvalidLocation:         {{"CX-R03", Certain, "the line says so"}},
	fetch.TooManyRedirects:        {{"CX-R04", Certain, "the line says so"}},
	fetch.MixedContent:            {{"CX-B01", Certain, "the line says so"}},
	fetch.ConnectSrc:              {{"CX-B02", Certain, "the line says so"}},
	fetch.LocalNetworkAccess:      {{"CX-B03", Certain, "the line says so"}},
	fetch.BlockedPort:             {{"CX-B04", Certain, "the line says so"}},
	fetch.CrossOriginPolicy:       {{"CX-B06", Certain, "the line says so"}},
	fetch.UnsupportedScheme:       {{"CX-J04", Likely, "the line says so"}},
	fetch.SameOriginMode:          {{"CX-J05", Certain, "the line says so"}},
	fetch.TLSFailed:               {{"CX-N01", Likely, "the line says so"}},
	fetch.NameNotResolved:         {{"CX-N02", Certain, "the line says so"}},
	fetch.ConnectionRefused:       {{"CX-N03", Certain, "the line says so"}},
	fetch.MalformedResponse:       {{"CX-N04", Certain, "the line says so"}},
	fetch.ConnectionClosed:        {{"CX-N05", Certain, "the line says so"}},
	fetch.TimedOut:                {{"CX-N06", Certain, "the line says so"}},
}

func (g guess) diagnosis(m pasted.Message) Diagnosis {
	d := Diagnosis{Code: g.code, Title: titleOf(g.code), Cause: titleOf(g.code), Certainty: g.certainty, Evidence: []string{g.why}}
	if near := nearMiss(m.Value, m.Origin); m.Value != "" && near != "" && (g.code == "CX-O02" || g.code == "CX-O06") {
		d.Evidence = append(d.Evidence, near)
	}
	if m.Initiator != "" && m.Initiator != "fetch" && m.Initiator != "XMLHttpRequest" && m.Initiator != "resource" {
		d.Evidence = append(d.Evidence, "it was a "+m.Initiator+", which needs CORS too (CX-J03)")
	}
	d.Fix.What = whatToDo(g.code)
	return d
}

// whatToDo is what the page of a code advises, in a line.
func whatToDo(code string) string {
	page, _ := docs.Explain.ReadFile("explain/" + code + ".md")
	_, advice, _ := strings.Cut(string(page), "\n## What to do\n\n")
	advice, _, _ = strings.Cut(advice, "\n\n")
	return strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(advice), "\n", " "), "`", "")
}

// nextCommand is the question that would tell more.
func nextCommand(m pasted.Message) string {
	if m.URL == "" || m.Leads && m.RedirectedFrom == "" {
		return ""
	}
	words := []string{"corsac explain"}
	if m.Kind == fetch.MethodNotAllowed && m.Name != "" {
		words = append(words, "-X", quoted(m.Name))
	} else if m.Method != "" && m.Method != "GET" {
		words = append(words, "-X", quoted(m.Method))
	}
	if m.Kind == fetch.HeaderNotAllowed && m.Name != "" {
		words = append(words, "-H", quoted(m.Name+": …"))
	}
	if m.Kind == fetch.WildcardWithCredentials || m.Kind == fetch.InvalidAllowCredentials {
		words = append(words, "--credentials include")
	}
	return strings.Join(append(words, "--origin", quoted(orElse(m.Origin, "…")), quoted(orElse(m.RedirectedFrom, m.URL))), " ")
}
