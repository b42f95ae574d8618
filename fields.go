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
func (h *head) forbid(to http.Header) {
	dropCORS(to)
	setVary(to, []string{h.vary()})
}

// permit is for the answer to a preflight whose origin is allowed.
func (h *head) permit(to http.Header) {
	const others = 2 // Vary and Allow-Origin
	room := make([]string, others+len(h.rule.preflight))
	room[0] = h.vary()
	dropCORS(to)
	setVary(to, room[:1:1])
	room = put(to, headers.AllowOrigin, h.allow, room[1:])
	for i := range h.rule.preflight {
		f := &h.rule.preflight[i]
		room = put(to, f.Name, f.Value, room)
	}
}

// put sets a field to a value for which there is room, and returns the rest of
// the room.
func put(h http.Header, name, value string, room []string) []string {
	room[0] = value
	h[name] = room[:1:1]
	return room[1:]
}

// dropCORS removes what the policy has to say. To go through a map takes as long
// as some look-ups, so the maps that most handlers leave are spared it.
func dropCORS(h http.Header) {
	if len(h) == 0 || len(h) == 1 && len(h["Content-Type"]) > 0 {
		return
	}
	for name := range h {
		if headers.IsCORSResponse(name) {
			delete(h, name)
		}
	}
}

// setVary adds a list of names to Vary without taking away what is there.
func setVary(h http.Header, names []string) {
	if len(h) > 0 {
		names = mergedVary(h[headers.Vary], names)
	}
	h[headers.Vary] = names
}

func mergedVary(present, names []string) []string {
	if len(present) == 0 {
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
