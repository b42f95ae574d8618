package explain

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
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
	s := Saying{Browser: v.Profile, Version: profile.Version, Script: scriptErrors[v.Profile]}
	fill := i.filler(v)
	var lines []string
	switch v.Profile {
	case "chrome":
		lines = chromeLines(v)
	case "firefox":
		lines = firefoxLines(v)
	case "safari":
		lines = safariLines(v)
	}
	for _, line := range lines {
		if line != "" {
			s.Lines = append(s.Lines, fill.Replace(line))
		}
	}
	return s
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
func textFor(messages []message, v *fetch.Verdict) (text string, ok bool) {
	for _, m := range messages {
		if m.kind == v.Failure.Kind && m.place.fits(v) {
			return m.text, true
		}
	}
	return "", false
}

func (p place) fits(v *fetch.Verdict) bool {
	f := v.Failure
	return p == anywhere || !f.Preflight && isRedirecting(v)
}

// isRedirecting reports whether the answer at fault is a redirect.
func isRedirecting(v *fetch.Verdict) bool {
	n := v.Failure.Exchange
	return n >= 0 && isRedirect(v.Exchanges[n].Response.Status)
}

func chromeLines(v *fetch.Verdict) []string {
	if text, ok := textFor(chromeChecks, v); ok {
		if v.Failure.Preflight {
			return []string{chromePreflight + text}
		}
		return []string{chromePrefix + text}
	}
	text, _ := textFor(chromeMessages, v)
	if f := v.Failure; f.Kind == fetch.RedirectScheme && !isLocalScheme(f.Value) {
		text = chromePrefix + "Cross origin requests are only supported for protocol schemes: chrome, chrome-experimental-site-token-provider, chrome-extension, chrome-untrusted, data, http, https, isolated-app."
	}
	return []string{text}
}

// isLocalScheme: Chrome refuses to redirect to these for another reason than to
// the rest.
func isLocalScheme(address string) bool {
	scheme, _, _ := strings.Cut(address, ":")
	return scheme == "data" || scheme == "file" || scheme == "blob"
}

// firefoxLines: after a failed preflight or redirect, Firefox says once more
// that the request did not succeed.
func firefoxLines(v *fetch.Verdict) []string {
	f := v.Failure
	var lines []string
	if reason, ok := textFor(firefoxReasons, v); ok {
		if f.Kind == fetch.MultipleAllowOrigin && linesAt(v, "Access-Control-Allow-Origin") > 1 {
			reason = "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed)."
		}
		lines = append(lines, firefoxPrefix+reason)
	} else if text, ok := textFor(firefoxMessages, v); ok {
		lines = append(lines, text)
	} else if f.Kind.Family() == fetch.Misuse {
		return nil
	}
	if f.Kind == fetch.PreflightRedirect {
		lines = append(lines, firefoxPrefix+"CORS preflight response did not succeed). Status code: {status}.")
	}
	if len(lines) == 0 || f.Preflight || f.Hop > 0 || isRedirecting(v) && f.Kind != fetch.RedirectModeError {
		lines = append(lines, firefoxGeneric)
	}
	return lines
}

func safariLines(v *fetch.Verdict) []string {
	text, ok := textFor(safariMessages, v)
	if !ok || v.Failure.Kind.Family() != fetch.CORS {
		return []string{text}
	}
	return []string{text, safariEnd}
}

func linesAt(v *fetch.Verdict, name string) int {
	if n := v.Failure.Exchange; n >= 0 {
		return len(v.Exchanges[n].Response.Header.Values(name))
	}
	return 0
}

// filler fills the placeholders in for a verdict.
func (i *inquiry) filler(v *fetch.Verdict) *strings.Replacer {
	f := v.Failure
	url, origin, status, location, whole := i.q.Request.URL, i.page.String(), "(null)", "", ""
	if i.target != nil {
		url = i.target.WithoutFragment()
	}
	redirected := ""
	if f.Exchange >= 0 && f.Exchange < len(v.Exchanges) {
		x := &v.Exchanges[f.Exchange]
		url = x.URL
		if x.Response.Status != 0 {
			status = strconv.Itoa(x.Response.Status)
		}
		origin = orElse(first(x.Request.Header, "Origin"), origin)
		location = resolve(x.URL, first(x.Response.Header, "Location"))
		whole = first(x.Response.Header, f.Name)
		if x.Hop > 0 {
			redirected = " (redirected from '" + v.Exchanges[0].URL + "')"
		}
	}
	scheme, _, _ := strings.Cut(url, ":")
	return strings.NewReplacer(
		"{url}", url, "{redirected}", redirected, "{origin}", origin, "{value}", shorten(f.Value), "{want}", f.Want, "{name}", f.Name,
		"{Name}", i.asWritten(f.Name), "{status}", status, "{location}", shorten(location), "{whole}", shorten(whole), "{scheme}", scheme,
		"{bare}", withoutCredentials(location), "{page}", i.page.String()+"/", "{tls}", chromeTLS(f.Err),
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
