package explain

import (
	"cmp"
	"slices"

	"github.com/corsac-cors/corsac/fetch"
)

// An initiator is what makes a request: a call of a script, or an element of the
// page. It settles modes that no script chooses, what browsers call the request
// in their consoles, and what becomes of the page when it fails.
//
// What the browsers print was recorded from Chromium 156, Firefox 153 and
// WebKitGTK 2.50.
type initiator struct {
	id, noun    string // noun: what Chrome gets no access to
	mode        fetch.Mode
	credentials fetch.Credentials
	// script is what the page notices, by browser; "" is for all of them.
	script map[string]string
	// after is printed behind the reason, by browser.
	after map[string]string
	// mute prints nothing at all.
	mute []string
	// needs says why the request is a matter of CORS, or why it is none until
	// something else is done with it; empty where that goes without saying.
	needs string
	// mend is what the page has to do, where it has to do something.
	mend string
}

var initiators = []initiator{
	{
		id: "fetch", noun: "fetch",
		script: map[string]string{"chrome": "TypeError: Failed to fetch", "firefox": "TypeError: NetworkError when attempting to fetch resource.", "safari": "TypeError: Load failed"},
		after:  map[string]string{"safari": "Fetch API cannot load {url} due to access control checks."},
	},
	{
		id: "xhr", noun: "XMLHttpRequest", script: map[string]string{"": "an error event, and status 0"},
		after: map[string]string{"safari": "XMLHttpRequest cannot load {url} due to access control checks."},
	},
	{
		id: "font", noun: "font", script: map[string]string{"": "NetworkError: A network error occurred. (with the FontFace API; else another font is shown)"},
		after: map[string]string{"firefox": "downloadable font: download failed (…): bad URI or cross-site access not allowed source: {url}"}, mute: []string{"safari"},
		needs: "browsers load fonts of other origins with CORS, whatever the stylesheet says",
	},
	{
		id: "module", noun: "script", script: map[string]string{"": "an error event on the script; nothing of the module runs"},
		after: map[string]string{"firefox": "Module source URI is not allowed in this document: “{url}”."},
		needs: "modules, and all they import, are loaded with CORS; classic scripts are not",
	},
	{
		id: "script", noun: "script", mode: fetch.ModeNoCORS, credentials: fetch.CredentialsInclude, script: map[string]string{"": "the script runs; its errors reach window.onerror as \"Script error.\""},
		needs: "a classic script runs without CORS, but its errors are hidden: window.onerror gets \"Script error.\" without file and line",
		mend:  "load it with <script crossorigin>, and let its server allow the page",
	},
	{
		id: "script-cors", noun: "script", script: map[string]string{"": "an error event on the script; it does not run"},
		after: map[string]string{"firefox": "<script> source URI is not allowed in this document: “{url}”.", "safari": "Cross-origin script load denied by Cross-Origin Resource Sharing policy."},
		needs: "the attribute crossorigin asks for CORS: without permission the script does not run at all",
	},
	{
		id: "image", noun: "image", mode: fetch.ModeNoCORS, credentials: fetch.CredentialsInclude, script: map[string]string{
			"chrome":  "SecurityError: Failed to execute 'toDataURL' on 'HTMLCanvasElement': Tainted canvases may not be exported.",
			"firefox": "SecurityError: The operation is insecure.", "safari": "SecurityError: The operation is insecure.",
		},
		needs: "an image is shown without CORS, but a canvas that it is drawn on is tainted: toDataURL, toBlob and getImageData throw a SecurityError",
		mend:  "load it with <img crossorigin> from the first time on, and let its server allow the page",
	},
	{
		id: "image-cors", noun: "image", script: map[string]string{"": "an error event on the image; it is not shown"},
		after: map[string]string{"safari": "Cannot load image {url} due to access control checks."},
		needs: "the attribute crossorigin asks for CORS: without permission the image is not shown at all",
	},
	{
		id: "style", noun: "stylesheet", mode: fetch.ModeNoCORS, credentials: fetch.CredentialsInclude, script: map[string]string{
			"chrome":  "SecurityError: Failed to read the 'cssRules' property from 'CSSStyleSheet': Cannot access rules",
			"firefox": "SecurityError: CSSStyleSheet.cssRules getter: Not allowed to access cross-origin stylesheet", "safari": "SecurityError: Not allowed to access cross-origin stylesheet",
		},
		needs: "a stylesheet applies without CORS, but scripts cannot look into it: cssRules throws a SecurityError",
		mend:  "load it with <link rel=stylesheet crossorigin>, and let its server allow the page",
	},
	{
		id: "eventsource", noun: "resource", script: map[string]string{"": "an error event, and readyState 2: it does not try again"},
		after: map[string]string{"firefox": "Firefox can’t establish a connection to the server at {url}.", "safari": "EventSource cannot load {url} due to access control checks."},
	},
	{
		id: "beacon", noun: "resource", credentials: fetch.CredentialsInclude, script: map[string]string{"": "nothing: sendBeacon() returned true"},
		after: map[string]string{"safari": "Beacon API cannot load {url} due to access control checks."},
		needs: "sendBeacon() sends cookies, so \"*\" does not count; and a Blob of application/json needs a preflight",
	},
}

// Initiators are what a request can be made by: [Question.As].
func Initiators() (ids []string) {
	for _, w := range initiators {
		ids = append(ids, w.id)
	}
	return ids
}

// initiatorOf finds an initiator; fetch() is what is not known.
func initiatorOf(id string) *initiator {
	return &initiators[max(0, slices.IndexFunc(initiators, func(w initiator) bool { return w.id == id }))]
}

// settle gives a request the modes that its initiator has, unless it has others.
func (w *initiator) settle(r *fetch.Request) {
	r.Mode = cmp.Or(r.Mode, w.mode)
	r.Credentials = cmp.Or(r.Credentials, w.credentials)
	r.XHR = r.XHR || w.id == "xhr"
	if w.id == "beacon" && r.Method == "" {
		r.Method = "POST"
	}
}

func (w *initiator) scriptError(browser string) string {
	return cmp.Or(w.script[browser], w.script[""])
}
