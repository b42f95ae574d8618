package explain

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// says is what the browsers print, each for its own verdict.
func (i *inquiry) says() (all []Saying) {
	for n := range i.others {
		o := &i.others[n]
		if !o.OK() && o.Profile != "standard" && !o.isUnknown {
			all = append(all, i.saying(&o.Verdict))
		}
	}
	return all
}

func (i *inquiry) saying(v *fetch.Verdict) Saying {
	profile, _ := fetch.ProfileNamed(v.Profile)
	return Saying{Browser: v.Profile, Version: profile.Version, Script: i.what.scriptError(v.Profile), Lines: i.lines(v, 0)}
}

// lines are what a version of a browser prints for its verdict; 0 is the version
// of the profile.
func (i *inquiry) lines(v *fetch.Verdict, version int) (said []string) {
	if slices.Contains(i.what.mute, v.Profile) {
		return nil
	}
	s := speaker{Verdict: v, version: version, what: i.what, page: i.page, asked: &i.q.Request}
	fill := i.filler(v)
	for _, line := range s.lines() {
		if line != "" {
			said = append(said, fill.Replace(line))
		}
	}
	return said
}

// A speaker is a version of a browser that has come to a verdict on something.
type speaker struct {
	*fetch.Verdict
	version int
	what    *initiator
	page    fetch.Origin
	asked   *fetch.Request
}

func (s *speaker) lines() []string {
	switch s.Profile {
	case "chrome":
		return s.chrome()
	case "firefox":
		return s.firefox()
	case "safari":
		return s.safari()
	}
	return nil
}

// untold is what Chrome leaves out: the status of an answer without headers, and
// what it would say next if they were added.
func (i *inquiry) untold() string {
	f := i.verdict.Failure
	if f == nil || f.Kind != fetch.MissingAllowOrigin || isOK(i.at().Response.Status) {
		return ""
	}
	status := strconv.Itoa(i.at().Response.Status)
	next := i.mending.obstacles
	if f.Preflight && len(next) > 1 && next[1].Kind == string(fetch.PreflightStatus) {
		return "Chrome's text hides the " + status + ": with the header alone it says \"It does not have HTTP ok status.\" next."
	}
	return "Chrome's text hides the " + status + "."
}

// textFor finds the first message that fits.
func (s *speaker) textFor(messages []message) (text string, ok bool) {
	for _, m := range messages {
		if m.kind == s.Failure.Kind && s.isAt(m.place) && m.isOfScheme(s.Failure.Value) && m.speaks(s.version) {
			return m.text, true
		}
	}
	return "", false
}

func (s *speaker) isAt(p place) bool {
	f := s.Failure
	switch p {
	case afterHop:
		return !f.Preflight && isRedirecting(s.Verdict)
	case beyondHop:
		return f.Hop > 0 && f.Exchange < 0
	case betweenSites:
		return s.isCORS(f.Value) || f.Exchange >= 0 && s.isCORS(s.Exchanges[f.Exchange].URL)
	}
	return true
}

// isCORS reports whether CORS has to do with a request for the address.
func (s *speaker) isCORS(address string) bool {
	u, err := fetch.ParseURL(address)
	return err == nil && (s.asked.Mode == "" || s.asked.Mode == fetch.ModeCORS) && !fetch.SameOrigin(s.page, u.Origin())
}

func (m *message) isOfScheme(address string) bool {
	scheme, _, _ := strings.Cut(address, ":")
	return m.schemes == "" || slices.Contains(strings.Fields(m.schemes), scheme)
}

// isRedirecting reports whether the answer at fault is a redirect.
func isRedirecting(v *fetch.Verdict) bool {
	n := v.Failure.Exchange
	return n >= 0 && isRedirect(v.Exchanges[n].Response.Status)
}

func (s *speaker) chrome() []string {
	if text, ok := s.textFor(chromeChecks); ok {
		if s.Failure.Preflight {
			text = chromePreflight + text
		}
		return []string{chromePrefix + text + s.remark()}
	}
	text, _ := s.textFor(chromeMessages)
	if s.Failure.Kind == fetch.ConnectSrc && s.what.id == "fetch" {
		return []string{text, "Fetch API cannot load {url}. Refused to connect because it violates the document's Content Security Policy."}
	}
	return []string{text}
}

// remark is the advice that Chrome used to add to some of its texts.
func (s *speaker) remark() string {
	text, _ := s.textFor(chromeRemarks)
	return text
}

// firefox: after a failed preflight or redirect that it would have followed,
// Firefox says once more that the request did not succeed; and of some things
// what became of them.
func (s *speaker) firefox() []string {
	f := s.Failure
	var lines []string
	if reason, ok := s.textFor(firefoxReasons); ok {
		if f.Kind == fetch.MultipleAllowOrigin && linesAt(s.Verdict, "Access-Control-Allow-Origin") > 1 { // in this very case, which is how Firefox counts
			reason = "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed)."
		}
		lines = append(lines, firefoxPrefix+reason)
	} else if text, ok := s.textFor(firefoxMessages); ok {
		lines = append(lines, text)
	} else if f.Kind.Family() == fetch.Misuse {
		return nil
	}
	if f.Kind == fetch.PreflightRedirect {
		lines = append(lines, firefoxPrefix+"CORS preflight response did not succeed). Status code: {status}.")
	}
	if len(lines) == 0 || f.Preflight || s.wouldFollow() {
		lines = append(lines, firefoxGeneric)
	}
	return append(lines, s.what.after["firefox"])
}

// wouldFollow reports whether a redirect of another origin was going to be
// followed.
func (s *speaker) wouldFollow() bool {
	f := s.Failure
	switch {
	case s.asked.Redirect != "" && s.asked.Redirect != fetch.RedirectFollow:
		return false
	case f.Kind == fetch.MixedContent && f.Hop > 0:
		return s.isCORS(s.Exchanges[len(s.Exchanges)-1].URL)
	}
	return isRedirecting(s.Verdict)
}

func (s *speaker) safari() []string {
	text, ok := s.textFor(safariMessages)
	if !ok || s.Failure.Kind.Family() != fetch.CORS && s.Failure.Kind != fetch.CrossOriginPolicy {
		return []string{text}
	}
	return []string{text, s.what.after["safari"]}
}

// linesAt counts the lines that spell the name so.
func linesAt(v *fetch.Verdict, name string) (n int) {
	if v.Failure.Exchange < 0 {
		return 0
	}
	for _, line := range v.Exchanges[v.Failure.Exchange].Response.Header {
		if line.Name == name {
			n++
		}
	}
	return n
}

// filler fills the placeholders in for a verdict.
func (i *inquiry) filler(v *fetch.Verdict) *strings.Replacer {
	f := v.Failure
	url, origin, status, location, whole := i.q.Request.URL, i.page.String(), "(null)", "", ""
	if i.target != nil {
		url = i.target.WithoutFragment()
	}
	redirected, start := "", url
	if f.Exchange >= 0 && f.Exchange < len(v.Exchanges) {
		x := &v.Exchanges[f.Exchange]
		url, start = x.URL, v.Exchanges[0].URL
		if x.Response.Status != 0 {
			status = strconv.Itoa(x.Response.Status)
		}
		origin = orElse(first(x.Request.Header, "Origin"), origin)
		location = resolve(x.URL, first(x.Response.Header, "Location"))
		whole = first(x.Response.Header, f.Name)
		if x.Hop > 0 {
			redirected = " (redirected from '" + start + "')"
		}
	}
	scheme, _, _ := strings.Cut(url, ":")
	return strings.NewReplacer(
		"{noun}", i.what.noun, "{url}", url, "{redirected}", redirected, "{origin}", origin, "{value}", shorten(f.Value), "{want}", f.Want, "{name}", f.Name,
		"{Name}", i.asWritten(f.Name), "{status}", status, "{location}", shorten(location), "{whole}", shorten(whole), "{scheme}", scheme,
		"{bare}", withoutCredentials(location), "{page}", orElse(i.q.Request.Page, i.page.String()+"/"), "{asker}", i.page.String(), "{first}", start, "{corp}", chromePolicy(f.Value), "{tls}", chromeTLS(f.Err),
	)
}

// asWritten is a header's name as the script has it.
func (i *inquiry) asWritten(name string) string {
	for _, f := range i.q.Request.Header {
		if strings.EqualFold(f.Name, name) {
			return f.Name
		}
	}
	return name
}

func resolve(base, location string) string {
	u, err := fetch.ParseURL(base)
	if err != nil || location == "" {
		return location
	}
	if to, err := u.ParseURL(location); err == nil {
		return to.String()
	}
	return location
}

func withoutCredentials(address string) string {
	u, err := fetch.ParseURL(address)
	if err != nil {
		return address
	}
	u.Username, u.Password = "", ""
	return u.String()
}

// chromePolicy is Chrome's name for who is kept from a resource by its policy.
func chromePolicy(policy string) string {
	if policy == "same-site" {
		return "NotSameSite"
	}
	return "NotSameOrigin"
}

// chromeTLS is Chrome's name for what is wrong with a certificate.
func chromeTLS(err error) string {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &authority):
		return "net::ERR_CERT_AUTHORITY_INVALID"
	case errors.As(err, &host):
		return "net::ERR_CERT_COMMON_NAME_INVALID"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "net::ERR_CERT_DATE_INVALID"
	case errors.As(err, &record):
		return "net::ERR_SSL_PROTOCOL_ERROR"
	}
	return "net::ERR_SSL_PROTOCOL_ERROR"
}

// shorten bounds what browsers print whole.
func shorten(s string) string {
	if len(s) > mostValue {
		return s[:mostValue] + "…"
	}
	return s
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
