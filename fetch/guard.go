package fetch

import "slices"

// guardRequest fills a header list as the Headers object of a Request does:
// what scripts may not set is dropped without a word, and so is, in a no-cors
// request, what is not safelisted there.
//
// https://fetch.spec.whatwg.org/#concept-headers-append
func (f *fetching) guardRequest(h Header, mode Mode) (Header, *Failure) {
	kept := make(Header, 0, len(h)+2) // and what a browser adds: Accept, Accept-Language
	for _, field := range h {
		field.Value = normalizeValue(field.Value)
		switch {
		case !isToken(field.Name):
			return nil, &Failure{Kind: InvalidHeaderName, Name: field.Name}
		case !isValue(field.Value):
			return nil, &Failure{Kind: InvalidHeaderValue, Name: field.Name, Value: field.Value}
		case IsForbiddenRequestHeader(field.Name, field.Value):
			f.note(headersAppend, "scripts cannot set this header: it is dropped", fact("header", field.Name))
		case f.profile.DropsUserAgent && asciiEqualFold(field.Name, "user-agent"):
			f.note(headersAppend, "this browser does not let scripts set User-Agent: it is dropped", fact("header", field.Name))
		case mode == ModeNoCORS && !f.profile.isNoCORSAppendable(kept, field):
			f.note(headersAppend, "not safelisted in a no-cors request: it is dropped", fact("header", field.Name), fact("value", field.Value))
		default:
			kept = append(kept, field)
		}
		if mode == ModeNoCORS {
			kept.Del("Range") // a privileged name: only the browser itself may set it
		}
	}
	if f.profile.JudgesCombinedValues {
		kept = combine(kept)
	}
	return kept, nil
}

// isNoCORSAppendable judges the value that the name would have afterwards.
//
// https://fetch.spec.whatwg.org/#headers-validate
func (p *Profile) isNoCORSAppendable(kept Header, field Field) bool {
	value := field.Value
	if before, ok := kept.Get(field.Name); ok {
		value = before + ", " + value
	}
	return IsNoCORSSafelistedRequestHeaderName(field.Name) && p.isSafelisted(asciiLower(field.Name), value)
}

// combine joins the lines of each name into its first one.
func combine(h Header) Header {
	combined := h[:0]
	for _, field := range h {
		first := slices.IndexFunc(combined, func(f Field) bool { return asciiEqualFold(f.Name, field.Name) })
		if first < 0 {
			combined = append(combined, field)
			continue
		}
		combined[first].Value += ", " + field.Value
	}
	for i := range combined {
		combined[i].Value = trimTabSpace(combined[i].Value)
	}
	return combined
}

// lines makes the lines that are sent of a header list. Firefox sets one header
// after the other: of those that can stand only once the last counts, and a
// header that is set to nothing forgets what it was before; but a body comes with
// the first Content-Type.
func (p *Profile) lines(h Header, withBody bool) Header {
	if !p.SetsOneByOne {
		return h
	}
	set := make(Header, 0, len(h))
	for _, field := range h {
		at := slices.IndexFunc(set, func(f Field) bool { return asciiEqualFold(f.Name, field.Name) })
		switch {
		case at < 0:
			set = append(set, field)
		case withBody && asciiEqualFold(field.Name, "Content-Type"):
		case field.Value == "", set[at].Value == "", containsFold(standOnce, field.Name):
			set[at].Value = field.Value
		default:
			set[at].Value += ", " + field.Value
		}
	}
	return set
}

// standOnce are those that Firefox holds to be singletons, as far as scripts
// can set them.
var standOnce = []string{
	"Authorization", "Content-Disposition", "Content-Type", "From", "If-Modified-Since", "If-Unmodified-Since",
	"Location", "Max-Forwards", "Retry-After", "Server", "User-Agent",
}
