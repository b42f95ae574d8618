package corsac

import (
	"net/http"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/internal/headers"
)

// The functions of this file write a decision's headers into a header map. The
// slices are the response's own: what an outer handler does to one changes no
// other response.

// forbid is for the answer to what is refused.
func (h *head) forbid(to http.Header) { begin(to, []string{h.vary()}) }

// permit is for the answer to a preflight whose origin is allowed.
func (h *head) permit(to http.Header) {
	const others = 2 // Vary and Allow-Origin
	room := make([]string, others+len(h.rule.preflight))
	room[0] = h.vary()
	begin(to, room[:1:1])
	room = put(to, headers.AllowOrigin, h.allow, room[1:])
	for i := range h.rule.preflight {
		f := &h.rule.preflight[i]
		room = put(to, f.Name, f.Value, room)
	}
}

// begin removes the CORS headers of others, and adds a list of names to Vary. It
// is small enough for the compiler to put it where it is called.
func begin(h http.Header, vary []string) {
	if len(h) > 0 {
		vary = amend(h, vary)
	}
	if len(vary) > 0 {
		h[headers.Vary] = vary
	}
}

// amend returns what Vary is to be. To go through a map takes as long as some
// look-ups; one that holds only a type, as most handlers leave it, is spared it.
func amend(h http.Header, vary []string) []string {
	if len(h) == 1 && len(h["Content-Type"]) > 0 {
		return vary
	}
	dropCORS(h)
	return merged(h[headers.Vary], vary)
}

// put sets a field to a value for which there is room, and returns the rest of
// the room.
func put(h http.Header, name, value string, room []string) []string {
	room[0] = value
	h[name] = room[:1:1]
	return room[1:]
}

func dropCORS(h http.Header) {
	for name := range h {
		if headers.IsCORSResponse(name) {
			delete(h, name)
		}
	}
}

// dropTiming removes Timing-Allow-Origin in whatever case a handler wrote it.
func dropTiming(h http.Header) {
	for name := range h {
		if strings.EqualFold(name, headers.TimingAllowOrigin) {
			delete(h, name)
		}
	}
}

// merged adds names to the lines of Vary that are present, and takes none away.
func merged(present, names []string) []string {
	if len(present) == 0 || len(names) == 0 {
		return names
	}
	// The room behind the handler's slice may be another response's too.
	present = slices.Clip(present)
	for name := range strings.SplitSeq(names[0], ", ") {
		if !hasToken(present, name) && !hasToken(present, "*") {
			present = append(present, name)
		}
	}
	return present
}
