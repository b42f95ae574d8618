package origins

import "strings"

// wildcards are the patterns of a set that stand for more than one origin. Most
// origins that are asked for match none, so what no pattern has is not looked
// for.
type wildcards struct {
	patterns map[Pattern]struct{}
	anyHost  bool // a pattern has it
	anyPort  bool // a pattern has it
	// The lengths that the hosts of patterns with Subdomains have.
	shortest, longest int
	// endings are what the covered origins end in: one look tells most others
	// from them. There are none if it tells too little, or is too much to look
	// through.
	endings []string
}

func (w *wildcards) add(p Pattern) {
	if w.patterns == nil {
		w.patterns = make(map[Pattern]struct{})
		w.shortest = longestHost
	}
	w.patterns[p] = struct{}{}
	w.anyHost = w.anyHost || p.AnyHost
	w.anyPort = w.anyPort || p.AnyPort
	if p.Subdomains {
		w.shortest, w.longest = min(w.shortest, len(p.Host)), max(w.longest, len(p.Host))
	}
}

// finish is called when all patterns have been added.
func (w *wildcards) finish() {
	if w.anyHost || w.anyPort || len(w.patterns) > few {
		return
	}
	for p := range w.patterns {
		_, ending, _ := strings.Cut(p.String(), "*")
		w.endings = append(w.endings, ending)
	}
}

func (w *wildcards) endsRight(origin string) bool {
	for _, e := range w.endings {
		if strings.HasSuffix(origin, e) {
			return true
		}
	}
	return len(w.endings) == 0
}

// contains reports whether a pattern covers the origin, which may be anything.
// That it is one, in the form that browsers send, is checked when it has
// matched: few do.
func (w *wildcards) contains(origin string) bool {
	if len(w.patterns) == 0 || !w.endsRight(origin) {
		return false
	}
	scheme, rest, found := cutScheme(origin)
	host, port, fault := splitPort(rest)
	return found && fault == "" && w.match(scheme, host, port) && IsOrigin(origin)
}

func (w *wildcards) match(scheme, host, port string) bool {
	if w.anyHost && w.has(Pattern{Scheme: scheme, AnyHost: true, Port: port}) {
		return true
	}
	if w.anyPort && w.has(Pattern{Scheme: scheme, Host: host, Port: port}) {
		return true
	}
	for more := true; more && len(host) > w.shortest; {
		if _, host, more = strings.Cut(host, "."); w.shortest <= len(host) && len(host) <= w.longest &&
			w.has(Pattern{Scheme: scheme, Host: host, Port: port, Subdomains: true}) {
			return true
		}
	}
	return false
}

// has looks for the pattern as it is, and with any port.
func (w *wildcards) has(p Pattern) bool {
	if _, ok := w.patterns[p]; ok || !w.anyPort {
		return ok
	}
	p.Port, p.AnyPort = "", true
	_, ok := w.patterns[p]
	return ok
}
