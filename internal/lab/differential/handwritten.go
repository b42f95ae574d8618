package differential

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A Handwritten case is one of fetch/testdata/cases.txt.
type Handwritten struct {
	ID, Name string
	Case
	// Beyond says why no page fetches it just so: it waits, or its body has a type of its own, or the server
	// hangs up.
	Beyond  string
	answers map[string]string // by "p" or "a", and the hop or nothing
}

// ReadHandwritten reads cases in the form of fetch/testdata/cases.txt, which says what it is.
func ReadHandwritten(r io.Reader) ([]Handwritten, error) {
	var all []Handwritten
	for lines := bufio.NewScanner(r); ; {
		if !lines.Scan() {
			finish(all)
			return all, lines.Err()
		}
		line := lines.Text()
		text, within := strings.CutPrefix(line, "  ")
		switch {
		case line == "", strings.HasPrefix(line, "#"):
		case within && len(all) == 0:
			return nil, fmt.Errorf("%q belongs to no case", line)
		case within:
			all[len(all)-1].read(text)
		default:
			finish(all)
			h := Handwritten{answers: make(map[string]string)}
			h.ID, h.Name, _ = strings.Cut(line, " ")
			all = append(all, h)
		}
	}
}

func (h *Handwritten) read(line string) {
	key, value, _ := strings.Cut(line, ":")
	value = unescape(strings.TrimPrefix(value, " "))
	switch key {
	case "null":
		h.Sandboxed = true
	case "w":
		h.Beyond = "it waits"
	case "f":
		h.Calls = append(h.Calls, h.call(value))
	default:
		h.answers[key] = value
	}
}

func (h *Handwritten) call(text string) Call {
	parts := strings.Split(text, " | ")
	call := Call{URL: "{o1}/c/{id}/0", Method: parts[0]}
	for _, part := range parts[1:] {
		option, value, isOption := strings.Cut(part, "=")
		switch {
		case part == "upload":
			call.XHR, call.Upload = true, true
		case isOption && option == "cred":
			call.Credentials = value
		case isOption && option == "mode":
			call.Mode = value
		case isOption && option == "redirect":
			call.Redirect = value
		case isOption && option == "cache":
			call.Cache = value
		case isOption && option == "body":
			call.Body = &value
		case isOption && option == "url":
			if call.URL = value; strings.HasPrefix(value, "/") {
				call.URL = "{o1}" + value
			}
		case isOption && (option == "type" || option == "space"):
			h.Beyond = "it has a " + option
		default:
			name, value, _ := strings.Cut(part, ":")
			call.Header = append(call.Header, [2]string{name, strings.TrimPrefix(value, " ")})
		}
	}
	return call
}

// mostHops is more than any chain of redirects has.
const mostHops = 24

// finish completes the last case.
func finish(all []Handwritten) {
	if len(all) == 0 {
		return
	}
	h := &all[len(all)-1]
	if len(h.Calls) == 0 {
		h.Calls = []Call{{URL: "{o1}/c/{id}/0", Method: "GET"}}
	}
	for i := range mostHops {
		h.Hops = append(h.Hops, Hop{Preflight: h.written("p", i, 204), Actual: h.written("a", i, 200)})
	}
}

// written is the answer at a hop; where none is written, it allows what is asked but for credentials.
func (h *Handwritten) written(kind string, hop, status int) *Answer {
	text, found := h.answers[kind+strconv.Itoa(hop)]
	if !found {
		text, found = h.answers[kind]
	}
	raw, isRaw := strings.CutPrefix(text, "raw ")
	switch {
	case !found, text == "echo":
		a := permission(status)
		a.Lines = append(a.Lines[:1:1], a.Lines[2:]...)
		return a
	case text == "drop":
		h.Beyond = "the server hangs up"
	case text == "garbage":
		return &Answer{Raw: "garbage garbage\r\n\r\n"}
	case text == "103":
		return &Answer{Raw: "HTTP/1.1 103 Early Hints\r\nAccess-Control-Allow-Origin: {page}\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"}
	case text == "trailer":
		return &Answer{Raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Access-Control-Allow-Origin\r\n\r\n" +
			"1\r\nx\r\n0\r\nAccess-Control-Allow-Origin: {page}\r\n\r\n"}
	case isRaw:
		return &Answer{Raw: raw}
	}
	parts := strings.Split(text, " | ")
	a := &Answer{Lines: parts[1:]}
	a.Status, _ = strconv.Atoi(parts[0])
	for i, line := range a.Lines {
		name, value, _ := strings.Cut(line, ":")
		if long := abbreviated[name]; long != "" {
			a.Lines[i] = long + ":" + value
		}
	}
	return a
}

var abbreviated = map[string]string{
	"O": "Access-Control-Allow-Origin", "C": "Access-Control-Allow-Credentials", "M": "Access-Control-Allow-Methods",
	"H": "Access-Control-Allow-Headers", "E": "Access-Control-Expose-Headers", "A": "Access-Control-Max-Age", "L": "Location",
}

var escapes = strings.NewReplacer(
	`\r\n`, "\r\n", `\n`, "\n", `\x0b`, "\x0b", `\t`, "\t", `\x00`, "\x00", `\x7f`, "\x7f", `\x80`, "\u0080", `\\`, `\`,
	":cred}", ":u}", "{o2:user}", "{o2:u}",
)

// unescape writes characters out, and "<a*128>".
func unescape(s string) string {
	before, rest, found := strings.Cut(s, "<")
	run, after, closed := strings.Cut(rest, ">")
	if char, times, isRun := strings.Cut(run, "*"); found && closed && isRun && len(char) == 1 {
		if n, err := strconv.Atoi(times); err == nil {
			return unescape(before + strings.Repeat(char, n) + after)
		}
	}
	return escapes.Replace(s)
}
