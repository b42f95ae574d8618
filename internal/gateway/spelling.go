package gateway

import (
	"net/http"

	"github.com/corsac-cors/corsac"
)

// A spelling is how policies write the names of response headers, by what
// net/http makes of them: TotalItemsCount by Totalitemscount. Names have no
// case, but people look for what they wrote.
type spelling map[string]string

func spellingOf(rules []corsac.Rule) spelling {
	s := spelling{}
	for _, rule := range rules {
		for _, name := range rule.Expose {
			if canonical := http.CanonicalHeaderKey(name); canonical != name {
				s[canonical] = name
			}
		}
	}
	return s
}

func (s spelling) apply(h http.Header) {
	for canonical, name := range s {
		if values, ok := h[canonical]; ok {
			delete(h, canonical)
			h[name] = values
		}
	}
}
