package survey

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac"
)

// walk inquires of all places, and makes one set of rules of what they say.
func (s *Survey) walk(ctx context.Context, places []place, h hints, most int) {
	var last error
	asked, nobody := 0, []place(nil)
	if len(places) > mostPlaces {
		places = places[:mostPlaces]
		s.note(Finding{Name: "spent", Severity: Note, Message: fmt.Sprintf("there are more than %d parts: the others were not looked at", mostPlaces)})
	}
	for _, p := range places {
		own := h
		own.origins = slices.Clone(h.origins)
		q := &inquiry{Survey: s, place: p, hints: own, asked: make(map[request]answer), left: &most}
		r, err := q.run(ctx)
		switch {
		case err != nil:
			last = err
			s.note(Finding{Name: "no-answer", Severity: Note, Line: p.at.line, Column: p.at.column, Where: p.host + p.path,
				Message: "there is no answer: " + err.Error()})
			continue
		case r == nil || len(r.Origins) == 0:
			nobody = append(nobody, p)
		}
		asked++
		if r != nil {
			s.add(r)
		}
	}
	if most <= 0 {
		s.note(Finding{Name: "spent", Severity: Note, Message: errSpent.Error() + ": some things were not asked", Advice: "--max-requests permits more"})
	}
	for _, p := range nobody {
		s.exclude(p)
	}
	s.simplify()
	switch {
	case asked == 0 && last != nil:
		s.Unsettled = last.Error()
	case ctx.Err() != nil:
		s.Unsettled = context.Cause(ctx).Error()
	}
}

// mostPlaces is more than anybody writes rules for.
const mostPlaces = 2000

// add adds a rule unless there is one for the place.
func (s *Survey) add(r *Rule) {
	if s.ruleAt(r.Host, r.Path) == nil {
		s.Rules = append(s.Rules, *r)
	}
}

func (s *Survey) ruleAt(host, path string) *Rule {
	for i := range s.Rules {
		if s.Rules[i].Host == host && s.Rules[i].Path == path {
			return &s.Rules[i]
		}
	}
	return nil
}

// nobodys is an origin that no page has: its top-level domain is nobody's.
//
// https://www.rfc-editor.org/rfc/rfc6761#section-6.4
const nobodys = "https://nobody.invalid"

// exclude makes a rule for a place that no page may read, if another rule would
// speak for it.
func (s *Survey) exclude(p place) {
	if s.enclosing(p.host, p.path) == nil {
		return
	}
	r := s.ruleAt(p.host, p.path)
	if r == nil {
		s.Rules = append(s.Rules, Rule{Rule: corsac.Rule{Host: p.host, Path: p.path}})
		r = &s.Rules[len(s.Rules)-1]
	}
	r.Origins = []string{nobodys}
	r.Comments = append(r.Comments, "No page may read this part, and a rule needs an origin: this one is nobody's.")
}

// enclosing is the rule that would speak for a place if it had none itself.
func (s *Survey) enclosing(host, path string) *Rule {
	var found *Rule
	for i := range s.Rules {
		r := &s.Rules[i]
		own := r.Host == host && r.Path == path
		covers := strings.HasSuffix(r.Path, "/") && (strings.HasPrefix(path, r.Path) || path+"/" == r.Path)
		if own || !covers || len(r.Origins) == 0 || r.Host != host && r.Host != "" {
			continue
		}
		if found == nil || r.Host != "" && found.Host == "" || r.Host == found.Host && len(r.Path) > len(found.Path) {
			found = r
		}
	}
	return found
}

// simplify leaves away rules that say what would be said without them.
func (s *Survey) simplify() {
	for i := 0; i < len(s.Rules); i++ {
		r := &s.Rules[i]
		if outer := s.enclosing(r.Host, r.Path); outer != nil && len(r.Origins) > 0 && saysTheSame(r.Rule, outer.Rule) {
			s.Rules = slices.Delete(s.Rules, i, i+1)
			i--
		}
	}
}

func saysTheSame(a, b corsac.Rule) bool {
	a.Host, a.Path = b.Host, b.Path
	p, err := corsac.New(a)
	q, err2 := corsac.New(b)
	if errors.Join(err, err2) != nil {
		return false
	}
	x, y := p.Rules()[0], q.Rules()[0]
	return slices.Equal(x.Origins, y.Origins) && slices.Equal(x.Methods, y.Methods) && slices.EqualFunc(x.Headers, y.Headers, strings.EqualFold) &&
		slices.EqualFunc(x.Expose, y.Expose, strings.EqualFold) && x.Credentials == y.Credentials && x.MaxAge == y.MaxAge &&
		x.RefuseOthers == y.RefuseOthers && x.Timing == y.Timing
}
