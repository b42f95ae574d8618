package origins

import (
	"iter"
	"slices"
)

// A Set is the origins that an allow-list covers. The zero value covers none.
// It is made by adding patterns; after that it is safe for concurrent use.
type Set struct {
	// few are the single origins, null among them, if there are so few that
	// comparing them is sooner done than hashing.
	few []string
	// further says that few is not all that there is.
	further   bool
	any, null bool
	exact     table
	wildcards wildcards
}

// few is the most of exact origins, or of wildcards, to go through one by one.
const few = 8

// NewSet returns the set of the patterns that s parses to, and calls invalid
// with the place and the error of each entry that is none.
func NewSet(entries []string, invalid func(i int, err error)) Set {
	var s Set
	s.exact.reserve(entries)
	for i, entry := range entries {
		var p Pattern
		if fault := p.parse(entry); fault != "" {
			invalid(i, newError(entry, fault))
			continue
		}
		s.add(&p, entry)
	}
	s.exact.fill()
	s.wildcards.finish()
	s.finish()
	return s
}

func (s *Set) finish() {
	if s.exact.len <= few {
		s.few = slices.Collect(s.exact.all)
	}
	if s.null {
		s.few = append(s.few, Null.String())
	}
	s.further = s.any || s.exact.len > few || len(s.wildcards.patterns) > 0
}

func (s *Set) add(p *Pattern, entry string) {
	switch {
	case *p == Any:
		s.any = true
	case *p == Null:
		s.null = true
	case p.IsExact():
		s.exact.add(entry)
	default:
		s.wildcards.add(*p)
	}
}

// Any reports whether the set covers every origin.
func (s *Set) Any() bool { return s.any }

// Null reports whether the set names null, or covers it.
func (s *Set) Null() bool { return s.null || s.any }

// Len is the number of patterns.
func (s *Set) Len() int {
	n := s.exact.len + len(s.wildcards.patterns)
	if s.any {
		n++
	}
	if s.null {
		n++
	}
	return n
}

// All yields the patterns, as they were written, each once, in no order.
func (s *Set) All() iter.Seq[string] {
	return func(yield func(string) bool) {
		if s.any && !yield(Any.String()) || s.null && !yield(Null.String()) {
			return
		}
		for p := range s.wildcards.patterns {
			if !yield(p.String()) {
				return
			}
		}
		s.exact.all(yield)
	}
}

// Contains reports whether the set covers the origin, which is the value of an
// Origin header and may be anything. Except under "*", an origin that is not in
// the form that browsers send is never covered. It does not allocate, and looks
// at no more than [longest] bytes.
func (s *Set) Contains(origin string) bool {
	for _, listed := range s.few {
		if listed == origin {
			return true
		}
	}
	return s.further && s.containsFurther(origin)
}

func (s *Set) containsFurther(origin string) bool {
	switch {
	case s.any:
		return true
	case len(origin) > longest:
		return false
	}
	return s.exact.len > few && s.exact.contains(origin) || s.wildcards.contains(origin)
}

// longest is the length of the longest origin that can be listed.
const longest = longestScheme + len("://") + longestHost + len(":65535")
