package explain

import (
	"fmt"

	"github.com/corsac-cors/corsac/fetch"
)

// sentenceOf says in words what a failure is.
func sentenceOf(f *fetch.Failure) string {
	said := fmt.Sprintf("%q", cut(f.Value))
	switch f.Kind {
	case fetch.MissingAllowOrigin:
		return "there is no Access-Control-Allow-Origin"
	case fetch.MultipleAllowOrigin:
		return "Access-Control-Allow-Origin has more than one value: " + said
	case fetch.InvalidAllowOrigin:
		return "Access-Control-Allow-Origin is " + said + ", which is no origin"
	case fetch.AllowOriginMismatch:
		return "Access-Control-Allow-Origin is " + said + ", which is another origin"
	case fetch.WildcardWithCredentials:
		return `Access-Control-Allow-Origin is "*", which does not count with credentials`
	case fetch.InvalidAllowCredentials:
		return fmt.Sprintf("Access-Control-Allow-Credentials is %s instead of \"true\"", said)
	case fetch.PreflightStatus:
		return "the preflight is answered with status " + f.Value
	case fetch.PreflightRedirect:
		return "the preflight is redirected to " + said
	case fetch.MethodNotAllowed:
		return fmt.Sprintf("the method %s is not allowed", f.Name)
	case fetch.HeaderNotAllowed:
		return fmt.Sprintf("the header %s is not allowed", f.Name)
	case fetch.InvalidAllowMethods:
		return fmt.Sprintf("Access-Control-Allow-Methods is no list of methods: %s is none", said)
	case fetch.InvalidAllowHeaders:
		return fmt.Sprintf("Access-Control-Allow-Headers is no list of header names: %s is none", said)
	}
	return otherSentenceOf(f, said)
}

func otherSentenceOf(f *fetch.Failure, said string) string {
	switch f.Kind {
	case fetch.RedirectCredentials:
		return "the redirect leads to an address with a user name or a password"
	case fetch.RedirectScheme:
		return "the redirect leads to " + said
	case fetch.TooManyRedirects:
		return "there are more than 20 redirects"
	case fetch.RedirectModeError:
		return `the server redirects, and the call says redirect: "error"`
	case fetch.MixedContent:
		return "a page of https may not call http"
	case fetch.ConnectSrc:
		return "the page's Content-Security-Policy does not list the address"
	case fetch.LocalNetworkAccess:
		return fmt.Sprintf("the page may not reach the %s network", f.Value)
	case fetch.BlockedPort:
		return "browsers fetch nothing from port " + f.Value
	case fetch.UnsupportedScheme, fetch.InvalidURL:
		return said + " is no http address"
	case fetch.SameOriginMode:
		return `the call says mode: "same-origin", and the address is another origin`
	case fetch.CrossOriginPolicy:
		return "Cross-Origin-Resource-Policy is " + said
	}
	return f.Error()
}

// cut bounds what a server says.
func cut(s string) string {
	const most = 160
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
