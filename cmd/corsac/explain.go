package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/corsac-cors/corsac/explain"
	"github.com/corsac-cors/corsac/fetch"
)

// explaining is what the flags of explain say.
type explaining struct {
	*terminal
	flags *pflag.FlagSet

	method, origin, page, as     string
	headers, data, resolve       []string
	cookie                       string
	insecure                     bool
	mode, credentials, redirects string
	browser, server, policy      string
	timeout                      time.Duration

	send, prove, noProbes, showSecrets bool
	asJSON, asMarkdown, ascii, all     bool
}

// What some flags can be.
var (
	modes            = []string{"cors", "no-cors", "same-origin"}
	credentialsModes = []string{"omit", "same-origin", "include"}
	redirectModes    = []string{"follow", "error", "manual"}
	browserNames     = []string{"chrome", "firefox", "safari", "standard"}
)

func newExplain(t *terminal) *cobra.Command {
	x := &explaining{terminal: t}
	c := &cobra.Command{
		Use:   "explain [url | code | text]",
		Short: "Say why a page's request fails, and what would mend it",
		Long: `Explain carries a request out as a browser would and tells the whole story: the
verdict, what was on the wire, what Chrome, Firefox and Safari print, the cause
and its evidence, the fix, and all that would be in the way after it.

Besides an address, it takes what there is in the clipboard, as an argument or on
stdin: "Copy as fetch", "Copy as cURL", "Copy as PowerShell", a HAR file (explained
without any network), or a line of the browser's console, which is explained by
itself.
Flags change what was pasted.

Flags are named as curl's. Only OPTIONS, GET and HEAD are sent, unless --send
permits more. Secrets are left out of the report.

It ends with 0 if the page can read the response, or gets an opaque one and asked
for no other, with 1 if the browser keeps it from the page, and with 3 if that
cannot be told: nothing answers, or the request was not sent.`,
		Example: `  corsac explain --origin http://localhost:3000 https://api.example.com/users
  corsac explain -X PUT -H 'X-Api-Key: 1' --origin https://app.example.com https://api.example.com/users/1
  corsac explain --policy corsac.yaml --origin https://app.example.com https://api.example.com/users/
  corsac explain < copied-as-fetch.txt
  corsac explain "Origin http://localhost:3000 is not allowed by Access-Control-Allow-Origin."
  corsac explain CX-P01`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 { // most likely a line of the console, without quotes
				return misuse("explain takes one address or text, and %q follows: put all of it into quotes, or write - and paste it", args[1])
			}
			return x.run(cmd.Context(), args)
		},
	}
	x.flags = c.Flags()
	x.flags.SortFlags = false
	x.requestFlags()
	x.mannerFlags()
	offer(c, "as", explain.Initiators()...)
	offer(c, "mode", modes...)
	offer(c, "credentials", credentialsModes...)
	offer(c, "redirect", redirectModes...)
	offer(c, "browser", browserNames...)
	offer(c, "server", explain.ServerIDs()...)
	return c
}

func (x *explaining) requestFlags() {
	f := x.flags
	f.StringVar(&x.origin, "origin", "", "the page's `origin`, such as http://localhost:3000")
	f.StringVar(&x.page, "page", "", "the page's `URL`; its Content-Security-Policy is read too")
	f.StringVarP(&x.method, "request", "X", "", "the `method` that the script uses")
	f.StringArrayVarP(&x.headers, "header", "H", nil, "a `header` that the script sets, \"Name: value\"; may be repeated")
	f.StringArrayVarP(&x.data, "data", "d", nil, "the `body`; makes the method POST, as with curl")
	f.StringVarP(&x.cookie, "cookie", "b", "", "the `cookies` that the browser has for the server")
	f.StringVar(&x.as, "as", "", "`what` makes the request: "+strings.Join(explain.Initiators(), ", "))
	f.StringVar(&x.mode, "mode", "", "the call's `mode`: cors, no-cors, same-origin")
	f.StringVar(&x.credentials, "credentials", "", "the call's `credentials` mode: omit, same-origin, include")
	f.StringVar(&x.redirects, "redirect", "", "the call's `redirect` mode: follow, error, manual")
	f.BoolVarP(&x.insecure, "insecure", "k", false, "do not verify certificates")
	f.StringArrayVar(&x.resolve, "resolve", nil, "`host:port:address`, an address instead of what DNS says")
	f.StringVar(&x.browser, "browser", "chrome", "the `browser` whose verdict leads: chrome, firefox, safari, standard")
	f.DurationVar(&x.timeout, "timeout", 15*time.Second, "how long the request may take")
	f.StringVar(&x.policy, "policy", "", "ask this policy `file` instead of the network")
}

func (x *explaining) mannerFlags() {
	f := x.flags
	f.BoolVar(&x.send, "send", false, "send requests that may change something, such as POST")
	f.BoolVar(&x.prove, "prove", false, "send the OPTIONS with Authorization too, as no browser does")
	f.BoolVar(&x.noProbes, "no-probes", false, "send what a browser sends, and nothing else")
	f.BoolVar(&x.showSecrets, "show-secrets", false, "leave tokens and cookies in the report")
	f.StringVar(&x.server, "server", "", "write the fix for this `server`: "+strings.Join(explain.ServerIDs(), ", "))
	f.BoolVar(&x.all, "all", false, "explain all requests of a HAR, not only the first 20")
	f.BoolVar(&x.asJSON, "json", false, "print JSON")
	f.BoolVar(&x.asMarkdown, "md", false, "print Markdown")
	f.BoolVar(&x.ascii, "ascii", false, "use no characters beyond ASCII")
}

func (x *explaining) run(ctx context.Context, args []string) error {
	if err := x.check(); err != nil {
		return err
	}
	if len(args) == 1 && looksLikeCode.MatchString(args[0]) {
		return x.showCode(args[0])
	}
	address, text, err := x.input(args)
	if err != nil {
		return err
	}
	ask := func(q explain.Question) *explain.Report { return explain.Explain(ctx, q) }
	if text != "" || address == "" {
		reports, err := x.explainText(text, ask)
		return errors.Join(x.print(reports), err)
	}
	q := x.newQuestion(fetch.Request{URL: address})
	if err := x.complete(&q); err != nil {
		return err
	}
	return x.print([]*explain.Report{ask(q)})
}

// check refuses what makes no sense, all of it at once.
func (x *explaining) check() error {
	var wrong []error
	oneOf := func(flag, value string, known ...string) {
		if value != "" && !slices.Contains(known, value) {
			wrong = append(wrong, fmt.Errorf("--%s %q: write %s", flag, value, strings.Join(known, ", ")))
		}
	}
	oneOf("mode", x.mode, modes...)
	oneOf("credentials", x.credentials, credentialsModes...)
	oneOf("redirect", x.redirects, redirectModes...)
	oneOf("as", x.as, explain.Initiators()...)
	oneOf("browser", x.browser, browserNames...)
	oneOf("server", x.server, explain.ServerIDs()...)
	if x.asJSON && x.asMarkdown {
		wrong = append(wrong, errors.New("--json and --md exclude each other"))
	}
	if x.origin != "" {
		if _, err := fetch.ParseOrigin(x.origin); err != nil {
			wrong = append(wrong, fmt.Errorf("--origin %q: write scheme, host and port only, such as http://localhost:3000, or null", x.origin))
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return misuse("%v", err)
	}
	return nil
}

// complete lays the flags over a question, and asks for what is missing.
func (x *explaining) complete(q *explain.Question) error {
	if err := x.apply(q); err != nil {
		return err
	}
	if q.Request.Origin == "" && q.Request.Page == "" {
		return misuse("whose page asks? Give its origin: --origin http://localhost:3000")
	}
	return x.connect(q)
}

// apply lays the flags over a request.
func (x *explaining) apply(q *explain.Question) error {
	r := &q.Request
	set := func(to *string, value string) {
		if value != "" {
			*to = value
		}
	}
	set(&r.Origin, x.origin)
	set(&r.Page, x.page)
	set(&r.Method, x.method)
	set(&q.Cookie, x.cookie)
	set(&q.As, x.as)
	set((*string)(&r.Mode), x.mode)
	set((*string)(&r.Credentials), x.credentials)
	set((*string)(&r.Redirect), x.redirects)
	for _, line := range x.headers {
		name, _, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return misuse("-H %q: write \"Name: value\"", line)
		}
		for _, f := range fetch.Lines(line) {
			if fetch.IsForbiddenRequestHeader(f.Name, f.Value) {
				q.Read = append(q.Read, leftOut(f.Name))
				continue
			}
			r.Header = append(r.Header, f)
		}
	}
	if len(x.data) > 0 {
		r.Body = []byte(strings.Join(x.data, "&"))
		r.BodyType = "application/x-www-form-urlencoded"
		if r.Method == "" {
			r.Method = "POST"
		}
	}
	return nil
}

// leftOut tells of a header that curl can set and a script cannot.
func leftOut(name string) string {
	instead := map[string]string{"cookie": ": write --cookie", "origin": ": write --origin", "referer": ": write --page"}
	return "left out: " + name + "; no script can set it" + instead[strings.ToLower(name)]
}

// connect says how the server is reached.
func (x *explaining) connect(q *explain.Question) error {
	if x.policy != "" {
		return x.askPolicy(q)
	}
	if x.insecure {
		q.TLS = &tls.Config{InsecureSkipVerify: true}
	}
	table, err := resolveTable(x.resolve)
	if err != nil || len(table) == 0 {
		return err
	}
	var dialer net.Dialer
	q.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if to, ok := table[strings.ToLower(address)]; ok {
			address = to
		}
		return dialer.DialContext(ctx, network, address)
	}
	return nil
}

// resolveTable reads curl's host:port:address.
func resolveTable(entries []string) (map[string]string, error) {
	table := make(map[string]string)
	for _, entry := range entries {
		parts := strings.SplitN(strings.TrimPrefix(entry, "+"), ":", 3)
		if len(parts) != 3 || parts[0] == "" || parts[2] == "" {
			return nil, misuse("--resolve %q: write host:port:address", entry)
		}
		address, _, _ := strings.Cut(parts[2], ",")
		table[strings.ToLower(parts[0])+":"+parts[1]] = net.JoinHostPort(strings.Trim(address, "[]"), parts[1])
	}
	return table, nil
}

// print writes the reports and returns the answer as an exit code.
func (x *explaining) print(reports []*explain.Report) error {
	if len(reports) == 0 {
		return nil
	}
	if x.asJSON {
		if err := writeJSON(x.stdout, explain.Document{Schema: explain.Schema, Reports: reports}); err != nil {
			return err
		}
		return answerOf(reports)
	}
	look := x.look()
	for n, r := range reports {
		if n > 0 {
			fmt.Fprint(x.stdout, "\n")
		}
		if x.asMarkdown {
			fmt.Fprint(x.stdout, r.Markdown())
		} else {
			fmt.Fprint(x.stdout, r.Text(look))
		}
	}
	return answerOf(reports)
}

// answerOf is no if one report says no.
func answerOf(reports []*explain.Report) (err error) {
	for _, r := range reports {
		switch r.Answer {
		case explain.Blocked:
			return errNo
		case explain.Unknown:
			err = errUnknown
		}
	}
	return err
}

func (x *explaining) look() explain.Style {
	columns, isTerminal := size(x.stdout)
	if !isTerminal {
		columns = 80
	}
	return explain.Style{Width: min(columns, 100), Color: styleFor(x.stdout).color, ASCII: x.ascii || !speaksUTF8()}
}

// speaksUTF8 goes by the locale. Where none is set, that is not held against
// the terminal.
func speaksUTF8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := os.Getenv(name); value != "" {
			upper := strings.ToUpper(value)
			return strings.Contains(upper, "UTF-8") || strings.Contains(upper, "UTF8")
		}
	}
	return true
}
