package paths_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/paths"
)

// newTree has for its values what they stand for: host and path.
func newTree(t testing.TB, values ...string) *paths.Tree[string] {
	t.Helper()
	tree := &paths.Tree[string]{}
	for _, v := range values {
		i := strings.IndexByte(v, '/')
		if other := tree.Add(v[:i], v[i:], &v); other != nil {
			t.Fatalf("%s stands where %s is", *other, v)
		}
	}
	return tree
}

func find(tree *paths.Tree[string], host, path string) string {
	if v := tree.Find(host, path); v != nil {
		return *v
	}
	return ""
}

func TestFind(t *testing.T) {
	t.Parallel()
	full := []string{"/", "/users/", "/users/me", "/users/me/", "/a/b/c/", "api.test/users/", "only.test/x", "[::1]/six/"}
	for _, tt := range []struct {
		name             string
		values           []string
		host, path, want string
	}{
		{"nothing", nil, "x.test", "/", ""},
		{"everything", []string{"/"}, "x.test", "/a/b", "/"},
		{"everything, no path", []string{"/"}, "", "", "/"},
		{"everything of a host", []string{"api.test/"}, "api.test", "/a", "api.test/"},
		{"everything of another host", []string{"api.test/"}, "x.test", "/a", ""},
		{"everything comes first", []string{"/", "/users/"}, "x.test", "/users/1", "/users/"},
		{"one resource", []string{"/health"}, "x.test", "/", ""},
		{"a tree without what is above", []string{"/users/"}, "x.test", "/", ""},

		{"root", full, "x.test", "/", "/"},
		{"other", full, "x.test", "/other", "/"},
		{"a tree without its slash", full, "x.test", "/users", "/users/"},
		{"a tree", full, "x.test", "/users/", "/users/"},
		{"below", full, "x.test", "/users/1/2", "/users/"},
		{"beside", full, "x.test", "/usersx", "/"},
		{"a resource", full, "x.test", "/users/me", "/users/me"},
		{"a tree of the same name", full, "x.test", "/users/me/", "/users/me/"},
		{"case", full, "x.test", "/Users/1", "/"},
		{"half of the way", full, "x.test", "/a/b", "/"},
		{"past a gap", full, "x.test", "/a/b/c/d", "/a/b/c/"},
		{"dots", full, "x.test", "/open/../users/./1", "/users/"},
		{"dots that go too far", full, "x.test", "/../../users/", "/users/"},
		{"dots back to a resource", full, "x.test", "/users/x/../me", "/users/me"},
		{"dots at the end", full, "x.test", "/users/me/x/..", "/users/me/"},
		{"a dot at the end", full, "x.test", "/users/me/.", "/users/me/"},
		{"empty segments", full, "x.test", "//users///me", "/users/me"},
		{"no slash in front", full, "x.test", "users/me", "/users/me"},

		{"host", full, "api.test", "/users/1", "api.test/users/"},
		{"host in any case, with a port", full, "API.test:8080", "/users/1", "api.test/users/"},
		{"host with a dot and a port", full, "api.test.:80", "/users/1", "api.test/users/"},
		{"host, other path", full, "api.test", "/other", "/"},
		{"host, resource", full, "only.test", "/x", "only.test/x"},
		{"host, another resource", full, "only.test", "/x/", "/"},
		{"IPv6", full, "[::1]:8080", "/six/", "[::1]/six/"},
		{"IPv6 without a port", full, "[::1]", "/six/", "[::1]/six/"},
		{"a host too long to be one", full, strings.Repeat("A", 1<<10), "/users/1", "/users/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := find(newTree(t, tt.values...), tt.host, tt.path); got != tt.want {
				t.Errorf("for %q%s stands %q, want %q", tt.host, tt.path, got, tt.want)
			}
		})
	}
}

func TestAddTwice(t *testing.T) {
	t.Parallel()
	tree := newTree(t, "/", "/users", "api.test/users/")
	another := "another"
	for place, want := range map[string]string{"/": "/", "/users": "/users", "api.test/users/": "api.test/users/", "/users/": ""} {
		i := strings.IndexByte(place, '/')
		got := ""
		if other := tree.Add(place[:i], place[i:], &another); other != nil {
			got = *other
		}
		if got != want {
			t.Errorf("at %s stands %q, want %q", place, got, want)
		}
	}
	if got := find(tree, "x.test", "/users/1"); got != another {
		t.Errorf("below /users/ stands %q", got)
	}
	if got := find(tree, "x.test", "/x"); got != "/" {
		t.Errorf("at /x stands %q", got)
	}
}

// What Find says of a path that is not clean is what it says of the clean one,
// and that is what a plain reading says.
func TestFindReadsPlainly(t *testing.T) {
	t.Parallel()
	values := []string{"/", "/a/", "/a/b", "/a/b/a/", "/b"}
	tree := newTree(t, values...)
	random := rand.New(rand.NewPCG(1, 2))
	segments := []string{"a", "b", "c", "", ".", ".."}
	for range 10_000 {
		var b strings.Builder
		for range random.IntN(6) {
			b.WriteString("/" + segments[random.IntN(len(segments))])
		}
		path := b.String()
		want, clean := "", paths.Clean(path)
		for _, v := range values {
			tree := strings.HasSuffix(v, "/") && (strings.HasPrefix(clean, v) || clean+"/" == v)
			if (tree || clean == v) && len(v) > len(want) && (want != clean || clean == v) {
				want = v
			}
		}
		if got := find(tree, "", path); got != want {
			t.Fatalf("for %q stands %q, want %q", path, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "/", "/": "/", "/a": "/a", "/a/": "/a/", "a": "/a", "//a//b//": "/a/b/", "/a/.": "/a/", "/a/./b": "/a/b",
		"/a/..": "/", "/a/b/..": "/a/", "/a/../b": "/b", "/../a": "/a", "/a...": "/a...", "/a.": "/a.",
	} {
		if got := paths.Clean(in); got != want {
			t.Errorf("%q is cleaned to %q, want %q", in, got, want)
		}
	}
}

func TestHostName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "a.test": "a.test", "a.test:80": "a.test", "a.test.": "a.test", "a.test.:80": "a.test", "A.test": "A.test",
		"[::1]": "[::1]", "[::1]:80": "[::1]", ":80": "", "127.0.0.1:1": "127.0.0.1",
	} {
		if got := paths.HostName(in); got != want {
			t.Errorf("%q has the name %q, want %q", in, got, want)
		}
	}
}
