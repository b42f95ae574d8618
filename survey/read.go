package survey

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/corsac-cors/corsac/internal/origins"
)

// MaxSize is the largest configuration that is read.
const MaxSize = 1 << 20

// A language is one in which configurations are written.
type language struct {
	name, title string
	read        func(*reading) []place
}

// languages are all that are read.
func languages() []language {
	return []language{
		{"apache", "Apache httpd: virtual hosts and .htaccess files", readApache},
		{"express-cors", "Express with the package cors, in JavaScript or TypeScript", readExpress},
		{"nginx", "nginx", readNginx},
	}
}

// Languages are the names of the configurations that [Read] reads.
func Languages() (names []string) {
	for _, l := range languages() {
		names = append(names, l.name)
	}
	return append(names, "json")
}

// A reading is a configuration and what was found in it.
type reading struct {
	*Survey
	text string
	hints
	known map[string]bool // the origins of the hints
}

// Read reads a configuration. The source is its name. Nothing in it is carried
// out: what it means is worked out on a model of its server. Pages are origins
// that should be allowed, where the configuration allows everybody.
func Read(name, source, text string, pages ...string) (*Survey, error) {
	s := &Survey{Source: source}
	if len(text) > MaxSize {
		return nil, fmt.Errorf("%s is larger than %d MiB", source, MaxSize>>20)
	}
	if name == "json" {
		return readJSON(s, text)
	}
	i := slices.IndexFunc(languages(), func(l language) bool { return l.name == name })
	if i < 0 {
		return nil, fmt.Errorf("%q is no configuration that can be read: write %s", name, strings.Join(Languages(), ", "))
	}
	r := &reading{Survey: s, text: text, known: make(map[string]bool)}
	s.samples, s.madeUp = make(map[string]*expression), make(map[string]bool)
	r.trusted = pages
	for _, o := range pages {
		r.candidate(o)
	}
	places := languages()[i].read(r)
	r.literals()
	ctx, cancel := context.WithTimeoutCause(context.Background(), mostTime, errSlow)
	defer cancel()
	s.walk(ctx, places, r.hints, mostAsked)
	s.Requests = 0
	if len(s.Rules) == 0 && s.Unsettled == "" {
		s.Unsettled = "nothing in it lets a page read anything"
	}
	return s.settle(), nil
}

// mostAsked is how often the model of a server is asked, mostTime how long that
// may take: only what is hostile comes near them.
const (
	mostAsked = 200000
	mostTime  = time.Minute
)

var errSlow = errors.New("it takes longer than a minute to work out what it means")

var literalOrigin = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9._:\[\]-]*[A-Za-z0-9\]]`)

// literals takes all that looks like an origin for one that might be allowed.
func (r *reading) literals() {
	for _, found := range literalOrigin.FindAllString(r.text, mostLiterals) {
		r.candidate(strings.ToLower(found))
	}
	if strings.Contains(r.text, "null") {
		r.candidate("null")
	}
}

const mostLiterals = 20000

func (r *reading) candidate(origin string) {
	if len(r.origins) < mostLiterals && (origin == "null" || origins.IsOrigin(origin)) && !r.known[origin] {
		r.known[origin] = true
		r.origins = append(r.origins, origin)
	}
}

// sample takes over origins for which an expression stands, and reports
// whether it knows any.
func (r *reading) sample(e *expression) bool {
	if len(r.origins) == mostLiterals {
		return true
	}
	known := false
	for _, s := range e.samples() {
		for _, o := range s.origins() {
			if !origins.IsOrigin(o.text) || !e.matches(o.text) {
				continue
			}
			known = true
			r.candidate(o.text)
			if r.samples[o.text] == nil {
				r.samples[o.text], r.madeUp[o.text] = e, o.isMadeUp
			}
			break
		}
	}
	return known
}

// notUnderstood notes something that is passed over.
func (r *reading) notUnderstood(at spot, what string) {
	r.note(Finding{Name: "not-understood", Severity: Note, Line: at.line, Column: at.column,
		Message: what + " is not understood, and was passed over", Advice: "look at what it does to CORS headers"})
}

// spotter tells where offsets of a text are.
type spotter struct {
	text   string
	offset int
	at     spot
}

// spot returns the place of an offset, which must not be before the last one.
func (s *spotter) spot(offset int) spot {
	if s.at.line == 0 || offset < s.offset {
		s.offset, s.at = 0, spot{1, 1}
	}
	for _, c := range s.text[s.offset:min(offset, len(s.text))] {
		if c == '\n' {
			s.at.line, s.at.column = s.at.line+1, 1
		} else {
			s.at.column++
		}
	}
	s.offset = offset
	return s.at
}
