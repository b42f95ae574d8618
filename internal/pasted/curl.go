package pasted

import (
	"cmp"
	"encoding/base64"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// parseCurl reads one or many command lines of curl.
func (s *source) parseCurl() (*Pasted, error) {
	split := s.bashCommands
	switch s.form {
	case CurlCmd:
		split = s.cmdCommands
	case CurlPwsh:
		split = s.pwshCommands
	}
	commands, err := split()
	if err != nil {
		return nil, err
	}
	p := &Pasted{Form: s.form}
	for _, c := range commands {
		found, err := s.curlCommand(c, p)
		if err != nil {
			return nil, err
		}
		if p.Requests = append(p.Requests, found...); len(p.Requests) > maxFound {
			return nil, s.errorf(c.words[0].at, "more than %d requests", maxFound)
		}
	}
	return p, nil
}

// curlCommand reads one command line: a request for every address, and with
// --next another set of options.
func (s *source) curlCommand(c command, p *Pasted) ([]Found, error) {
	if !isCurl(c.words[0].text) {
		return nil, s.errorf(c.words[0].at, "expected curl and nothing else: nothing is run")
	}
	var all []Found
	line := &curlLine{source: s, words: c.words[1:], at: c.words[0].at}
	for {
		if err := line.read(); err != nil {
			return nil, err
		}
		found, err := line.found(p)
		if err != nil {
			return nil, err
		}
		if c.halved {
			addNote(&found[0].Notes, BackslashHalved, "", `one backslash is read where there are two: DevTools double them for cmd, and curl.exe would send both`)
		}
		if c.rest != "" {
			addNote(&found[0].Notes, RestIgnored, "", "what is done with the output was not read: %q", c.rest)
		}
		if all = append(all, found...); len(all) > maxFound {
			return nil, s.errorf(line.at, "more than %d requests", maxFound)
		}
		if !line.next {
			return all, nil
		}
		line = &curlLine{source: s, words: line.words, at: line.at}
	}
}

// A curlLine is the options of a command line up to --next.
type curlLine struct {
	*source
	words []word // not read yet
	at    int
	next  bool

	method  string
	urls    []word
	header  fetch.Header
	removed map[string]bool // "Name:" takes a header of curl's own away
	data    []string
	isJSON  bool
	hasData bool
	get     bool
	head    bool
	globoff bool
	upload  bool
	form    []string // the parts of a multipart body
	user    string
	query   []string
	reach   Reach
	notes   []Note
}

// read takes the options apart as curl does: long ones, bundles of short ones,
// and addresses between them.
func (l *curlLine) read() error {
	plain := false
	for len(l.words) > 0 && !l.next {
		w := l.words[0]
		l.words = l.words[1:]
		var err error
		switch {
		case plain || w.text == "-" || !strings.HasPrefix(w.text, "-"):
			l.urls = append(l.urls, w)
		case w.text == "--":
			plain = true
		case strings.HasPrefix(w.text, "--"):
			err = l.long(w)
		default:
			err = l.short(w)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *curlLine) long(w word) error {
	name := w.text[2:]
	if o, ok := curlOptions[name]; ok {
		return l.option(w, name, o, "", false)
	}
	if bare, ok := strings.CutPrefix(name, "no-"); ok && !curlOptions[bare].takesValue && curlOptions[bare].known {
		return nil // the opposite of a switch is the default
	}
	if bare, _, ok := strings.Cut(name, "="); ok && curlOptions[bare].known {
		return l.errorf(w.at, "curl takes no value after =: write --%s and the value after a space", bare)
	}
	return l.errorf(w.at, "curl's option --%s is not known here: leave it out if it does not matter", shorten(name, 32))
}

// short reads a bundle such as -sSLX POST or -XPOST.
func (l *curlLine) short(w word) error {
	for i := 1; i < len(w.text); i++ {
		name, ok := curlShort[w.text[i]]
		if !ok {
			return l.errorf(w.at, "curl's option -%s is not known here: leave it out if it does not matter", shorten(w.text[i:], 1))
		}
		o := curlOptions[name]
		if err := l.option(w, name, o, w.text[i+1:], i+1 < len(w.text)); err != nil || o.takesValue {
			return err
		}
	}
	return nil
}

// option carries an option out, with the value that is joined to it or the next
// word.
func (l *curlLine) option(w word, name string, o curlOption, joined string, isJoined bool) error {
	value := word{w.at, joined}
	if o.takesValue && !isJoined {
		if len(l.words) == 0 {
			return l.errorf(w.at, "--%s needs a value: the text is cut off", name)
		}
		value = l.words[0]
		l.words = l.words[1:]
	}
	switch {
	case o.take != nil:
		return o.take(l, value)
	case o.says != "":
		addNote(&l.notes, FlagIgnored, "--"+name, "--%s was passed over: %s", name, o.says)
	}
	return nil
}

// found makes a request for every address.
func (l *curlLine) found(p *Pasted) ([]Found, error) {
	if len(l.urls) == 0 {
		return nil, l.errorf(l.at, "there is no address")
	}
	if len(l.urls) > maxFound {
		return nil, l.errorf(l.urls[maxFound].at, "more than %d addresses", maxFound)
	}
	l.complete()
	var body []byte
	if l.hasData && !l.get {
		body = []byte(strings.Join(l.data, l.glue()))
	}
	var all []Found
	for _, u := range l.urls {
		url, err := l.address(u)
		if err != nil {
			return nil, err
		}
		f := Found{Line: l.line(l.at), Message: -1, Reach: l.reach, Notes: append([]Note(nil), l.notes...)}
		f.Request.URL, f.Request.Method, f.Request.Body = url, l.method, body
		f.fromWire(l.header)
		if err := f.checkURL(l.source); err != nil {
			return nil, l.errorf(u.at, "%s", err.(*Error).Problem)
		}
		all = append(all, f)
	}
	p.Browser = cmp.Or(p.Browser, browserOf(l.header))
	return all, nil
}

func (l *curlLine) glue() string {
	if l.isJSON {
		return ""
	}
	return "&"
}

// complete adds what curl adds by itself and a page's script would have to set.
func (l *curlLine) complete() {
	switch {
	case l.method != "":
	case l.head:
		l.method = "HEAD"
	case l.upload:
		l.method = "PUT"
	case l.hasData && !l.get, len(l.form) > 0:
		l.method = "POST"
	default:
		l.method = "GET"
	}
	if len(l.form) > 0 {
		l.data, l.hasData, l.isJSON = []string{strings.Join(l.form, "") + "--" + boundary + "--\r\n"}, true, true
		l.unlessSet("Content-Type", "multipart/form-data; boundary="+boundary)
	}
	if l.isJSON && len(l.form) == 0 {
		l.unlessSet("Content-Type", "application/json")
		l.unlessSet("Accept", "application/json")
	}
	if l.hasData && !l.get {
		l.unlessSet("Content-Type", "application/x-www-form-urlencoded")
	}
	if l.user != "" {
		l.unlessSet("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(l.user)))
	}
	if l.reach.Insecure {
		addNote(&l.notes, Certificate, "--insecure", "the certificate is not to be verified")
	}
}

func (l *curlLine) unlessSet(name, value string) {
	if !l.header.Has(name) && !l.removed[strings.ToLower(name)] {
		l.header.Add(name, value)
	}
}

// address takes curl's globs into account, and puts data into the query.
func (l *curlLine) address(u word) (string, error) {
	url := u.text
	if !l.globoff {
		if at := globIn(url); at >= 0 {
			return "", l.errorf(u.at, "%q stands for several addresses to curl: write one, or -g if it is meant literally", shorten(url[at:], 32))
		}
		url = unglob.Replace(url)
	}
	parts := l.query
	if l.get {
		parts = append(append([]string(nil), l.data...), parts...)
	}
	if len(parts) == 0 {
		return url, nil
	}
	added := strings.Join(parts, "&")
	if len(added)*len(l.urls) > MaxHAR {
		return "", l.errorf(u.at, "too much data for %d addresses", len(l.urls))
	}
	url, fragment, hasFragment := strings.Cut(url, "#")
	glue := "?"
	if strings.Contains(url, "?") {
		glue = "&"
	}
	url += glue + added
	if hasFragment {
		url += "#" + fragment
	}
	return url, nil
}

// unglob takes the backslashes away that older DevTools put before brackets.
var unglob = strings.NewReplacer(`\[`, "[", `\]`, "]", `\{`, "{", `\}`, "}")

// globIn returns where a set or a range begins, -1 if there is none. Brackets
// around an IPv6 address are none.
//
// https://curl.se/docs/manpage.html#GLOBBING
func globIn(url string) int {
	for i := 0; i < len(url); i++ {
		switch url[i] {
		case '\\':
			i++
		case '{':
			return i
		case '[':
			end := strings.IndexByte(url[i:], ']')
			if end > 0 && strings.Contains(url[i:i+end], "-") {
				return i
			}
		}
	}
	return -1
}
