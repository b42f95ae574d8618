package corsac

import (
	"path"
	"strings"
)

// paths finds the rule that speaks for a request: by host first, then by the
// longest path.
type paths struct {
	byHost  map[string]*segment
	anyHost *segment
}

// A segment is a node of the tree of paths.
type segment struct {
	parent   *segment
	children map[string]*segment
	resource *rule // speaks for the path that ends here, without a slash behind it
	tree     *rule // speaks for what is below, and for the path itself if resource is nil
}

// add enters a rule, and returns the one that stands there already, if any.
func (ps *paths) add(r *rule) (other *rule) {
	at := ps.root(r.host)
	trimmed := strings.Trim(r.path, "/")
	for name := range strings.SplitSeq(trimmed, "/") {
		if name != "" {
			at = at.child(name)
		}
	}
	slot := &at.resource
	if strings.HasSuffix(r.path, "/") {
		slot = &at.tree
	}
	if *slot != nil {
		return *slot
	}
	*slot = r
	return nil
}

func (ps *paths) root(host string) *segment {
	if host == "" {
		if ps.anyHost == nil {
			ps.anyHost = &segment{}
		}
		return ps.anyHost
	}
	if ps.byHost == nil {
		ps.byHost = make(map[string]*segment)
	}
	if ps.byHost[host] == nil {
		ps.byHost[host] = &segment{}
	}
	return ps.byHost[host]
}

func (s *segment) child(name string) *segment {
	if s.children == nil {
		s.children = make(map[string]*segment)
	}
	c := s.children[name]
	if c == nil {
		c = &segment{parent: s}
		s.children[name] = c
	}
	return c
}

// find returns the rule that speaks for a path of a host, or nil. The host may
// have a port; the path has been decoded once, and need not be clean.
func (ps *paths) find(host, path string) *rule {
	if len(ps.byHost) > 0 {
		if root := ps.ofHost(hostName(host)); root != nil {
			if r := root.find(path); r != nil {
				return r
			}
		}
	}
	if ps.anyHost == nil {
		return nil
	}
	return ps.anyHost.find(path)
}

func (ps *paths) ofHost(name string) *segment {
	if root, ok := ps.byHost[name]; ok {
		return root
	}
	const room = 256 // more than a host name can have
	if len(name) > room {
		return nil
	}
	var lower [room]byte
	for i := range len(name) {
		lower[i] = name[i]
		if 'A' <= name[i] && name[i] <= 'Z' {
			lower[i] |= 0x20
		}
	}
	return ps.byHost[string(lower[:len(name)])]
}

// hostName cuts the port, and the dot of a fully qualified name, off a host.
func hostName(host string) string {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	return strings.TrimSuffix(host, ".")
}

// find walks down the tree along the path, and cleans the path as it goes:
// empty and "." segments stay where they are, ".." goes up. So it needs no
// copy of the path, and what a client hides behind "/open/../closed" does not
// count.
func (s *segment) find(path string) *rule {
	if s.children == nil {
		return s.tree
	}
	at, deeper := s, 0 // deeper counts the segments below at that no rule names
	rest, slash := path, false
	for rest != "" {
		var name string
		name, rest, slash = strings.Cut(rest, "/")
		switch {
		case name == "" || name == ".":
			slash = true
			continue
		case name == "..":
			slash = true
			if deeper > 0 {
				deeper--
			} else if at.parent != nil {
				at = at.parent
			}
			continue
		case deeper > 0 || at.children[name] == nil:
			deeper++
		default:
			at = at.children[name]
		}
	}
	if deeper == 0 && !slash && at.resource != nil {
		return at.resource
	}
	for ; at != nil; at = at.parent {
		if at.tree != nil {
			return at.tree
		}
	}
	return nil
}

// cleanPath is the form in which a rule writes a path: without empty and dot
// segments, and with the slash at the end that makes it a tree.
func cleanPath(p string) string {
	clean := path.Clean("/" + p)
	if clean != "/" && (strings.HasSuffix(p, "/") || strings.HasSuffix(p, "/.") || strings.HasSuffix(p, "/..")) {
		clean += "/"
	}
	return clean
}
