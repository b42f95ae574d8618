// Package paths finds what stands for a part of a server: the rule that speaks
// for a request, the route that it goes by.
package paths

import "strings"

// A Tree holds values by host and path. The path "/users/" stands for /users and
// all that is below it, "/health" for itself. The zero value holds none. It is
// made by Add; after that it is safe for concurrent use.
type Tree[V any] struct {
	byHost  map[string]*segment[V]
	anyHost *segment[V]
	len     int
	// everywhere is the only value, where that stands for every path of every
	// host. Most servers have no other, and need not look at paths.
	everywhere *V
}

// A segment is a node of the tree.
type segment[V any] struct {
	parent   *segment[V]
	children map[string]*segment[V]
	resource *V // stands for the path that ends here, without a slash behind it
	tree     *V // stands for what is below, and for the path itself if resource is nil
}

// Add enters the value of a host, in lower case, and a clean path; the host ""
// stands for all. What stands there already is left there, and returned.
func (t *Tree[V]) Add(host, path string, v *V) (other *V) {
	root := t.root(host)
	at := root
	for name := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if name != "" {
			at = at.child(name)
		}
	}
	slot := &at.resource
	if strings.HasSuffix(path, "/") {
		slot = &at.tree
	}
	if *slot != nil {
		return *slot
	}
	*slot = v
	t.everywhere = nil
	if t.len++; t.len == 1 && host == "" {
		t.everywhere = root.tree
	}
	return nil
}

func (t *Tree[V]) root(host string) *segment[V] {
	if host == "" {
		if t.anyHost == nil {
			t.anyHost = &segment[V]{}
		}
		return t.anyHost
	}
	if t.byHost == nil {
		t.byHost = make(map[string]*segment[V])
	}
	if t.byHost[host] == nil {
		t.byHost[host] = &segment[V]{}
	}
	return t.byHost[host]
}

func (s *segment[V]) child(name string) *segment[V] {
	if s.children == nil {
		s.children = make(map[string]*segment[V])
	}
	c := s.children[name]
	if c == nil {
		c = &segment[V]{parent: s}
		s.children[name] = c
	}
	return c
}

// Find returns the value that stands for a path of a host, or nil: by host
// first, then by the longest path. The host may have a port, and is in any case;
// the path has been decoded once, and need not be clean.
func (t *Tree[V]) Find(host, path string) *V {
	if t.everywhere != nil {
		return t.everywhere
	}
	return t.find(host, path)
}

func (t *Tree[V]) find(host, path string) *V {
	if len(t.byHost) > 0 {
		if root := t.ofHost(HostName(host)); root != nil {
			if v := root.find(path); v != nil {
				return v
			}
		}
	}
	if t.anyHost == nil {
		return nil
	}
	return t.anyHost.find(path)
}

func (t *Tree[V]) ofHost(name string) *segment[V] {
	if root, ok := t.byHost[name]; ok {
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
	return t.byHost[string(lower[:len(name)])]
}

// find walks down the tree along the path, and cleans the path as it goes:
// empty and "." segments stay where they are, ".." goes up. So it needs no
// copy of the path, and what a client hides behind "/open/../closed" does not
// count.
func (s *segment[V]) find(path string) *V {
	if s.children == nil {
		return s.tree
	}
	at, deeper := s, 0 // deeper counts the segments below at that have no node
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
