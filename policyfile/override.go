package policyfile

import (
	"slices"
	"strings"
)

// An Override says something of the gateway in place of the file, as a flag
// does. The section is judged with it: it may fill in what the file lacks, and
// what it replaces need not be right.
type Override struct {
	// Path is the entry that it replaces, such as "gateway.listen". A problem
	// with that, or with what is below it, has no line.
	Path string
	Set  func(*Gateway)
}

// covers reports whether an entry of the file is what the override speaks of.
func (o Override) covers(path string) bool {
	rest, below := strings.CutPrefix(path, o.Path)
	return below && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

type overrides []Override

func (over overrides) cover(path string) bool {
	return slices.ContainsFunc(over, func(o Override) bool { return o.covers(path) })
}

func (d *decoder) checkGateway(g *Gateway, over overrides) {
	for path, name := range map[string]string{"gateway.tls.cert": g.TLS.Cert, "gateway.tls.key": g.TLS.Key} {
		if name == "" && d.has(path) && !over.cover(path) {
			// It would serve without TLS: somebody's variable had no value.
			d.problem(path, "write the name of a file, or remove it", `"" is no file`)
		}
	}
	for _, o := range over {
		o.Set(g)
	}
	g.Check(func(path, hint, format string, args ...any) {
		if over.cover(path) {
			d.report.add(0, 0, path, hint, format, args...)
		} else {
			d.problem(path, hint, format, args...)
		}
	})
}
