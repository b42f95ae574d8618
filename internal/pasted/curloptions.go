package pasted

import (
	"net/url"
	"strings"
)

// A curlOption is what is known of an option of curl.
type curlOption struct {
	known      bool
	takesValue bool
	take       func(l *curlLine, value word) error
	says       string // why it is passed over, if that matters to the request
}

// curlOptions has curl's options by their long names, curlShort the short
// names. An option that is not here is an error: whether it takes a value could
// only be guessed.
var (
	curlOptions = map[string]curlOption{}
	curlShort   = map[byte]string{}
)

func init() {
	for _, set := range []struct {
		takesValue bool
		says       string
		names      string
	}{
		// What curl does with the answer, or with itself.
		{false, "", "s,silent S,show-error v,verbose i,include f,fail fail-with-body fail-early O,remote-name J,remote-header-name R,remote-time N,no-buffer #,progress-bar progress-meter no-progress-meter create-dirs raw styled-output trace-time trace-ids parallel Z,parallel parallel-immediate remote-name-all remove-on-error compressed-ssh tcp-fastopen tcp-nodelay q,disable ipv4 4,ipv4 6,ipv6 0,http1.0 http1.1 http2 http2-prior-knowledge http3 http3-only http0.9 path-as-is anyauth basic M,manual V,version no-clobber skip-existing no-keepalive no-sessionid no-alpn no-npn retry-all-errors retry-connrefused suppress-connect-headers xattr a,append l,list-only B,use-ascii crlf disallow-username-in-url haproxy-protocol ignore-content-length tr-encoding form-escape 1,tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 2,sslv2 3,sslv3 ssl ssl-reqd ssl-no-revoke ssl-revoke-best-effort ssl-allow-beast ssl-auto-client-cert cert-status false-start j,junk-session-cookies post301 post302 post303 ca-native doh-insecure doh-cert-status L,location proxy-insecure p,proxytunnel"},
		{true, "", "o,output output-dir w,write-out m,max-time connect-timeout D,dump-header c,cookie-jar trace trace-ascii stderr retry retry-delay retry-max-time limit-rate rate max-redirs max-filesize h,help libcurl keepalive-time keepalive-cnt expect100-timeout happy-eyeballs-timeout-ms interface local-port y,speed-time Y,speed-limit parallel-max create-file-mode etag-save alt-svc hsts tls-max ciphers tls13-ciphers curves tls-earlydata cacert capath crlfile pinnedpubkey cert-type key-type engine random-file egd-file dns-servers dns-interface dns-ipv4-addr dns-ipv6-addr doh-url proto proto-redir proto-default ip-tos vlan-priority sigalgs noproxy proxy-header proxy-user U,proxy-user trace-config"},
		// What changes the request, and what no page has a say in.
		{false, "a browser asks for credentials itself, it is not told to", "digest negotiate ntlm ntlm-wb n,netrc netrc-optional location-trusted"},
		{true, "a page cannot choose it", "delegation login-options sasl-authzid service-name aws-sigv4 unix-socket abstract-unix-socket request-target preproxy socks4 socks4a socks5 socks5-hostname proxy1.0 ipfs-gateway continue-at C,continue-at time-cond z,time-cond"},
		{true, "no file is read", "K,config netrc-file key E,cert pass etag-compare variable"},
	} {
		for name := range strings.FieldsSeq(set.names) {
			addCurlOption(name, curlOption{takesValue: set.takesValue, says: set.says})
		}
	}
	for name, take := range curlSwitches {
		addCurlOption(name, curlOption{take: take})
	}
	for name, take := range curlValues {
		addCurlOption(name, curlOption{takesValue: true, take: take})
	}
}

// addCurlOption takes a name such as "X,request" or "json".
func addCurlOption(name string, o curlOption) {
	if short, long, ok := strings.Cut(name, ","); ok {
		curlShort[short[0]] = long
		name = long
	}
	o.known = true
	curlOptions[name] = o
}

var curlSwitches = map[string]func(l *curlLine, _ word) error{
	"k,insecure": func(l *curlLine, _ word) error { l.reach.Insecure = true; return nil },
	"I,head":     func(l *curlLine, _ word) error { l.head = true; return nil },
	"G,get":      func(l *curlLine, _ word) error { l.get = true; return nil },
	"g,globoff":  func(l *curlLine, _ word) error { l.globoff = true; return nil },
	":,next":     func(l *curlLine, _ word) error { l.next = true; return nil },
	"compressed": func(l *curlLine, _ word) error { return nil }, // browsers always ask for compression
}

var curlValues = map[string]func(l *curlLine, value word) error{
	"X,request":    func(l *curlLine, v word) error { l.method = v.text; return nil },
	"url":          func(l *curlLine, v word) error { l.urls = append(l.urls, v); return nil },
	"H,header":     (*curlLine).headerOption,
	"A,user-agent": func(l *curlLine, v word) error { l.header.Set("User-Agent", v.text); return nil },
	"e,referer": func(l *curlLine, v word) error {
		l.header.Set("Referer", strings.TrimSuffix(v.text, ";auto"))
		return nil
	},
	"b,cookie":       (*curlLine).cookieOption,
	"r,range":        func(l *curlLine, v word) error { l.header.Set("Range", "bytes="+v.text); return nil },
	"oauth2-bearer":  func(l *curlLine, v word) error { l.header.Set("Authorization", "Bearer "+v.text); return nil },
	"u,user":         func(l *curlLine, v word) error { l.user = v.text; return nil },
	"d,data":         func(l *curlLine, v word) error { return l.dataOption("--data", v, true) },
	"data-ascii":     func(l *curlLine, v word) error { return l.dataOption("--data-ascii", v, true) },
	"data-binary":    func(l *curlLine, v word) error { return l.dataOption("--data-binary", v, true) },
	"data-raw":       func(l *curlLine, v word) error { return l.dataOption("--data-raw", v, false) },
	"data-urlencode": func(l *curlLine, v word) error { return l.urlencode(&l.data, v, true) },
	"json":           func(l *curlLine, v word) error { l.isJSON = true; return l.dataOption("--json", v, true) },
	"url-query":      (*curlLine).queryOption,
	"F,form":         func(l *curlLine, v word) error { return l.formOption(v, true) },
	"form-string":    func(l *curlLine, v word) error { return l.formOption(v, false) },
	"T,upload-file":  (*curlLine).uploadOption,
	"resolve":        func(l *curlLine, v word) error { l.reach.Resolve = append(l.reach.Resolve, v.text); return nil },
	"connect-to":     func(l *curlLine, v word) error { l.reach.ConnectTo = append(l.reach.ConnectTo, v.text); return nil },
	"x,proxy":        func(l *curlLine, v word) error { l.reach.Proxy = v.text; return nil },
}

// headerOption reads "Name: value", "Name;" for an empty value, and "Name:",
// which takes a header of curl's own away.
func (l *curlLine) headerOption(v word) error {
	if strings.HasPrefix(v.text, "@") {
		l.fileNotRead("--header", v.text[1:])
		return nil
	}
	if len(l.header) == maxList {
		return l.errorf(v.at, "more than %d headers", maxList)
	}
	name, value, colon := strings.Cut(v.text, ":")
	bare, semicolon := strings.CutSuffix(name, ";")
	value = strings.Trim(value, " \t\r\n")
	switch {
	case strings.HasPrefix(v.text, ":"): // a pseudo header that DevTools did not leave out
	case !colon && semicolon:
		l.header.Add(bare, "")
	case !colon:
		return l.errorf(v.at, "%q is not a header: write Name: value", shorten(v.text, 32))
	case value == "":
		if l.removed == nil {
			l.removed = make(map[string]bool)
		}
		l.removed[strings.ToLower(name)] = true
	case strings.ContainsAny(value, "\r\n"):
		return l.errorf(v.at, "the header %q has a line break in its value: no browser sends that", shorten(name, 32))
	default:
		l.header.Add(name, value)
	}
	return nil
}

// cookieOption reads "name=value; …". Without = it is a file.
func (l *curlLine) cookieOption(v word) error {
	if !strings.Contains(v.text, "=") {
		l.fileNotRead("--cookie", v.text)
		return nil
	}
	if len(l.header) == maxList {
		return l.errorf(v.at, "more than %d headers", maxList)
	}
	l.header.Add("Cookie", v.text)
	return nil
}

func (l *curlLine) fileNotRead(option, name string) {
	addNote(&l.notes, FileNotRead, option, "%s names the file %q: no file is read", option, shorten(name, 80))
}

// dataOption adds to the body. Where files can be named, they are not read.
func (l *curlLine) dataOption(option string, v word, files bool) error {
	l.hasData = true
	if files && strings.HasPrefix(v.text, "@") {
		l.fileNotRead(option, v.text[1:])
		addNote(&l.notes, BodyUnknown, "", "a part of the body is not in the paste")
		return nil
	}
	l.data = append(l.data, v.text)
	return nil
}

// urlencode adds content, =content, name=content; the files of @file and
// name@file are not read.
//
// https://curl.se/docs/manpage.html#--data-urlencode
func (l *curlLine) urlencode(to *[]string, v word, isData bool) error {
	l.hasData = l.hasData || isData
	at := strings.IndexAny(v.text, "=@")
	switch {
	case at < 0:
		*to = append(*to, escapeQuery(v.text))
	case v.text[at] == '@':
		l.fileNotRead("--data-urlencode", v.text[at+1:])
		addNote(&l.notes, BodyUnknown, "", "a part of the body is not in the paste")
	case at == 0:
		*to = append(*to, escapeQuery(v.text[1:]))
	default:
		*to = append(*to, v.text[:at+1]+escapeQuery(v.text[at+1:]))
	}
	return nil
}

func escapeQuery(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// queryOption adds to the query, as it is after a plus sign.
func (l *curlLine) queryOption(v word) error {
	if plain, ok := strings.CutPrefix(v.text, "+"); ok {
		l.query = append(l.query, plain)
		return nil
	}
	return l.urlencode(&l.query, v, false)
}

// boundary divides the parts of a form. Curl's is random; what a browser does
// with it is the same for all.
const boundary = "------------------------corsac"

var formEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// formOption adds a part to a multipart body. Files are not read.
func (l *curlLine) formOption(v word, files bool) error {
	name, content, ok := strings.Cut(v.text, "=")
	if !ok {
		return l.errorf(v.at, "%q is no part of a form: write name=content", shorten(v.text, 32))
	}
	file := ""
	if files && strings.HasPrefix(content, "@") || files && strings.HasPrefix(content, "<") {
		path, _, _ := strings.Cut(content[1:], ";")
		l.fileNotRead("--form", path)
		addNote(&l.notes, BodyUnknown, "", "a part of the body is not in the paste")
		if content[0] == '@' {
			file = `; filename="` + formEscapes.Replace(path) + `"`
		}
		content = ""
	}
	l.form = append(l.form, "--"+boundary+"\r\nContent-Disposition: form-data; name=\""+formEscapes.Replace(name)+"\""+file+"\r\n\r\n"+content+"\r\n")
	return nil
}

func (l *curlLine) uploadOption(v word) error {
	l.upload = true
	l.fileNotRead("--upload-file", v.text)
	addNote(&l.notes, BodyUnknown, "", "the body is not in the paste")
	return nil
}
