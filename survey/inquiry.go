package survey

import (
	"context"
	"errors"
	"slices"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/origins"
)

// A place is a part of a server of which one rule can speak.
type place struct {
	host   string // of the rule, or ""
	path   string // of the rule
	target string // what is asked for, as it is on the wire
	at     spot
	server server
	// comments say what is only guessed about the place.
	comments []string
	// always says how the server is told to put headers on errors, too.
	always string
}

// An inquiry is what is asked of one place.
type inquiry struct {
	*Survey
	place
	hints

	asked map[request]answer
	left  *int // how many requests may still be made

	pages  []*page // those that were named, or that the server named
	plain  answer  // to GET without Origin
	other  *page   // an origin that nobody allows on purpose
	null   *page
	any    bool // every page may read
	leaves []LeftOut
}

// hints are what to try.
type hints struct {
	origins, methods, headers []string
	// trusted are the origins that a person has named, and not the server.
	trusted []string
}

// stranger is an origin that nobody allows on purpose.
const stranger = "https://corsac-probe.example"

// A page is an origin, and what the server says to its pages.
type page struct {
	origin         string
	get, preflight answer
	// isMeant: no browser lets it read, but the server can mean nothing else.
	isMeant bool
}

func (p *page) reads() bool { return p.get.shares(p.origin) }
func (p *page) asks() bool  { return p.preflight.shares(p.origin) }

// isAllowed reports whether the server allows, or means to allow, the page
// something.
func (p *page) isAllowed() bool { return p.reads() || p.asks() || p.isMeant }

// isCredentialed reports whether a browser would let the page read with
// cookies.
func (p *page) isCredentialed() bool {
	return p.reads() && p.get.value(allowOrigin) != "*" && p.get.value(allowCredentials) == "true" ||
		!p.reads() && p.asks() && p.preflight.value(allowOrigin) != "*" && p.preflight.value(allowCredentials) == "true"
}

var errSpent = errors.New("the requests that may be made are made")

// ask asks the same only once.
func (q *inquiry) ask(ctx context.Context, r request) answer {
	r.path = q.target
	if a, ok := q.asked[r]; ok {
		return a
	}
	switch {
	case ctx.Err() != nil:
		return answer{err: context.Cause(ctx)}
	case *q.left <= 0:
		return answer{err: errSpent}
	}
	*q.left--
	q.Requests++
	a := q.server.ask(ctx, r)
	q.asked[r] = a
	return a
}

func (q *inquiry) get(ctx context.Context, origin string) answer {
	return q.ask(ctx, request{method: "GET", origin: origin})
}

func (q *inquiry) preflight(ctx context.Context, origin, method, headers string) answer {
	return q.ask(ctx, request{method: "OPTIONS", origin: origin, wantsMethod: method, wantsHeaders: headers})
}

func (q *inquiry) page(ctx context.Context, origin string) *page {
	p := &page{origin: origin, get: q.get(ctx, origin), preflight: q.preflight(ctx, origin, "GET", "")}
	p.isMeant = !p.reads() && !p.asks() && (names(&p.get, origin) || names(&p.preflight, origin))
	return p
}

// names reports whether an origin is one of several values, of which browsers
// accept none.
func names(a *answer, origin string) bool {
	return a.err == nil && slices.Contains(a.list(allowOrigin), origin)
}

// run finds out about the place, and returns its rule, or nil if the server
// lets no page read it.
func (q *inquiry) run(ctx context.Context) (*Rule, error) {
	q.plain = q.get(ctx, "")
	if q.plain.err != nil {
		return nil, q.plain.err
	}
	q.other, q.null = q.page(ctx, stranger), q.page(ctx, "null")
	patterns := q.learn()
	for _, o := range q.origins {
		q.pages = append(q.pages, q.page(ctx, o))
	}
	listed := q.listed(ctx, patterns)
	q.remarks(ctx)
	if len(listed) == 0 && len(q.leaves) == 0 {
		return nil, nil
	}
	f := q.features(ctx, listed)
	r := corsac.Rule{
		Host: q.host, Path: q.path, Origins: listed,
		Methods: f.methods, Headers: f.headers, Expose: f.expose,
		Credentials: f.credentials, MaxAge: f.maxAge, RefuseOthers: f.refuseOthers, Timing: f.timing,
	}
	if len(listed) == 0 { // it stands there as a comment
		return &Rule{Rule: r, Comments: q.comments, LeftOut: q.leaves}, nil
	}
	made := q.fit(r)
	q.tests(ctx, made)
	return made, nil
}

// leave keeps an entry as a comment.
func (q *inquiry) leave(fieldName, entry, why string) {
	l := LeftOut{Field: fieldName, Entry: visible(entry), Why: visible(why)}
	if !slices.Contains(q.leaves, l) {
		q.leaves = append(q.leaves, l)
	}
}

// find adds a finding about the place, which stands where a header of an answer
// comes from.
func (q *inquiry) find(f Finding, at spot) {
	if at == (spot{}) {
		at = q.at
	}
	f.Line, f.Column, f.Where = at.line, at.column, q.host+q.path
	q.note(f)
}

// learn takes over what the server names whoever asks, and returns the patterns
// that it seems to mean.
func (q *inquiry) learn() (patterns []string) {
	for _, a := range []*answer{&q.plain, &q.other.get, &q.other.preflight} {
		if a.err != nil {
			continue
		}
		for _, value := range a.list(allowOrigin) {
			p, err := origins.ParsePattern(value)
			switch {
			case value == stranger || value == "*" || value == "null" || slices.Contains(q.origins, value):
			case err == nil && p.IsExact():
				q.origins = append(q.origins, value)
			case err == nil:
				q.find(literalPattern(value), a.at(allowOrigin))
				patterns = append(patterns, value)
			default:
				if meant, ok := repaired(value); ok {
					q.find(noOrigin(value, meant), a.at(allowOrigin))
					patterns = append(patterns, meant)
				} else {
					q.find(noOrigin(value, ""), a.at(allowOrigin))
				}
			}
		}
	}
	slices.Sort(patterns)
	return slices.Compact(patterns)
}
