package pasted

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// The parts of a HAR that tell of CORS. Everything else, the bodies of responses
// above all, is passed over while it is read.
//
// http://www.softwareishard.com/blog/har-12-spec/
type harEntry struct {
	PageRef string      `json:"pageref"`
	Started string      `json:"startedDateTime"`
	Request harRequest  `json:"request"`
	Answer  harResponse `json:"response"`
	Server  string      `json:"serverIPAddress"`

	// Chrome's own.
	ResourceType string       `json:"_resourceType"`
	Initiator    harInitiator `json:"_initiator"`
	FromCache    string       `json:"_fromCache"`

	line int // where it begins in the file
	at   time.Time
}

type harRequest struct {
	Method   string      `json:"method"`
	URL      string      `json:"url"`
	Version  string      `json:"httpVersion"`
	Headers  []harHeader `json:"headers"`
	Cookies  []harHeader `json:"cookies"`
	PostData *struct {
		MimeType string `json:"mimeType"`
		Text     string `json:"text"`
	} `json:"postData"`
}

type harResponse struct {
	Status     int         `json:"status"`
	StatusText string      `json:"statusText"`
	Version    string      `json:"httpVersion"`
	Headers    []harHeader `json:"headers"`
	Location   string      `json:"redirectURL"`
	Error      string      `json:"_error"`
	ViaWorker  bool        `json:"_fetchedViaServiceWorker"`
}

type harHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type harInitiator struct {
	Type  string    `json:"type"`
	URL   string    `json:"url"`
	Line  int       `json:"lineNumber"`
	Stack *harStack `json:"stack"`
}

type harStack struct {
	Frames []struct {
		Function string `json:"functionName"`
		URL      string `json:"url"`
		Line     int    `json:"lineNumber"`
		Column   int    `json:"columnNumber"`
	} `json:"callFrames"`
	Parent *harStack `json:"parent"`
}

// harLog is what was read of a file.
type harLog struct {
	creator string
	pages   map[string]string // titles by id: Chrome and Safari write the page's address
	entries []harEntry
}

// harReader reads the file token by token down to the entries, and those one by
// one, so that none but the entry at hand is held twice.
type harReader struct {
	*source
	json *json.Decoder
	log  harLog
}

func (s *source) readHAR() (*harLog, error) {
	r := &harReader{source: s, json: json.NewDecoder(strings.NewReader(s.rest()))}
	r.log.pages = make(map[string]string)
	found := false
	err := r.object(func(key string) error {
		if key != "log" {
			return r.pass()
		}
		found = true
		return r.object(r.logMember)
	})
	if err != nil {
		return nil, r.fail(err)
	}
	if !found {
		return nil, s.errorf(s.start, "this is JSON, but no HAR: it has no log")
	}
	if _, err := r.json.Token(); !errors.Is(err, io.EOF) {
		return nil, s.errorf(r.place(), "something follows the HAR")
	}
	return &r.log, nil
}

func (r *harReader) logMember(key string) error {
	switch key {
	case "creator":
		var creator struct{ Name string }
		err := r.json.Decode(&creator)
		r.log.creator = creator.Name
		return err
	case "pages":
		return r.array(func() error {
			var page struct{ ID, Title string }
			if err := r.json.Decode(&page); err != nil {
				return err
			}
			r.log.pages[page.ID] = page.Title
			return nil
		})
	case "entries":
		line, counted := r.line(r.start), r.start
		return r.array(func() error {
			place := r.place()
			line += strings.Count(r.text[counted:place], "\n")
			counted = place
			if len(r.log.entries) == maxEntries {
				return r.errorf(place, "more than %d requests", maxEntries)
			}
			var entry harEntry
			if err := r.json.Decode(&entry); err != nil {
				return err
			}
			if len(entry.Request.Headers) > maxList || len(entry.Answer.Headers) > maxList {
				return r.errorf(place, "a message of more than %d headers", maxList)
			}
			entry.line = line
			entry.at, _ = time.Parse(time.RFC3339, entry.Started)
			r.log.entries = append(r.log.entries, entry)
			return nil
		})
	}
	return r.pass()
}

// place is the offset of the next value in the source.
func (r *harReader) place() int {
	at := r.start + int(r.json.InputOffset())
	rest := r.text[at:r.end]
	return at + len(rest) - len(strings.TrimLeft(rest, " \t\r\n,:"))
}

// pass reads a value and forgets it.
func (r *harReader) pass() error {
	var raw json.RawMessage
	return r.json.Decode(&raw)
}

func (r *harReader) object(member func(key string) error) error {
	if err := r.open('{'); err != nil {
		return err
	}
	for r.json.More() {
		key, err := r.json.Token()
		if err != nil {
			return err
		}
		if err := member(key.(string)); err != nil {
			return err
		}
	}
	_, err := r.json.Token()
	return err
}

func (r *harReader) array(item func() error) error {
	if err := r.open('['); err != nil {
		return err
	}
	for r.json.More() {
		if err := item(); err != nil {
			return err
		}
	}
	_, err := r.json.Token()
	return err
}

func (r *harReader) open(want json.Delim) error {
	at := r.place()
	token, err := r.json.Token()
	switch {
	case err != nil:
		return err
	case token != want:
		return r.errorf(at, "expected %q here: this is no HAR", want)
	}
	return nil
}

// fail gives the decoder's errors a place.
func (r *harReader) fail(err error) error {
	var ours *Error
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &ours):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return r.errorf(r.end, "the HAR is cut off: it ends before its last bracket")
	case errors.As(err, &syntax):
		return r.errorf(min(r.start+max(int(syntax.Offset)-1, 0), r.end), "this is not JSON: %s", syntax)
	case errors.As(err, &kind):
		return r.errorf(r.place(), "%s is %s: a HAR has %s there", kind.Field, kind.Value, kind.Type)
	}
	return r.errorf(r.place(), "%s", fmt.Sprint(err))
}
