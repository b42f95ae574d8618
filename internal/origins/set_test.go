package origins_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/origins"
)

func newSet(t testing.TB, entries ...string) *origins.Set {
	t.Helper()
	s := origins.NewSet(entries, func(i int, err error) { t.Fatalf("%q: %v", entries[i], err) })
	return &s
}

func TestSetContains(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		entries []string
		in, out []string
	}{
		{
			"none", nil,
			nil, []string{"", "null", "https://example.com"},
		},
		{
			"any", []string{"*"},
			[]string{"https://example.com", "null", "chrome-extension://x", "garbage", ""}, nil,
		},
		{
			"null", []string{"null"},
			[]string{"null"}, []string{"Null", "", "nul", "https://null"},
		},
		{
			"exact", []string{"https://example.com", "http://localhost:3000"},
			[]string{"https://example.com", "http://localhost:3000"},
			[]string{
				"https://example.com.", "https://example.com:443", "https://Example.com", "http://example.com",
				"https://example.com.evil.net", "https://example.comm", "https://evil-example.com", "https://example.co",
				"https://app.example.com", "https://example.com/", "https://example.com\nhttp://localhost:3000",
				"http://localhost:3001", "http://localhost", "null", "", " https://example.com", "https://example.com\n",
			},
		},
		{
			"subdomains", []string{"https://*.example.com"},
			[]string{"https://a.example.com", "https://a.b.example.com", "https://x_y.example.com", "https://1.example.com"},
			[]string{
				"https://example.com", "https://.example.com", "https://..example.com", "https://a..example.com",
				"https://evilexample.com", "http://a.example.com", "https://a.example.com:8443", "https://a.example.com.",
				"https://a.example.com.evil.net", "https://evil.com/.example.com", "https://evil.com@a.example.com",
				"https://evil.com#.example.com", "https://evil.com:1.example.com", "https://evil.com?.example.com",
				"https://A.example.com", "https://a b.example.com", "https://*.example.com", "https://é.example.com",
				"https://" + strings.Repeat("a.", 200) + "example.com",
			},
		},
		{
			"any port", []string{"http://localhost:*", "http://[::1]:*"},
			[]string{"http://localhost", "http://localhost:1", "http://localhost:65535", "http://[::1]", "http://[::1]:5173"},
			[]string{
				"http://localhost:", "http://localhost:0", "http://localhost:080", "http://localhost:80", "http://localhost:65536",
				"http://localhost:*", "http://localhost:1a", "https://localhost", "http://localhost.attacker.tld",
				"http://localhost:80.attacker.tld", "http://a.localhost", "http://[::1]:", "http://[::1", "http://[::1]x",
			},
		},
		{
			"subdomains and any port", []string{"https://*.example.com:*"},
			[]string{"https://a.example.com", "https://a.example.com:8443", "https://a.b.example.com:1"},
			[]string{"https://example.com:8443", "https://a.example.com:443", "http://a.example.com:8443"},
		},
		{
			"subdomains and a port", []string{"https://*.example.com:8443"},
			[]string{"https://a.example.com:8443"},
			[]string{"https://a.example.com", "https://a.example.com:8444"},
		},
		{
			"extensions", []string{"moz-extension://*", "chrome-extension://abc"},
			[]string{"moz-extension://5c3e6e1f", "chrome-extension://abc"},
			[]string{"chrome-extension://abd", "moz-extension://", "moz-extension://a/b", "https://moz-extension"},
		},
		{
			"IP addresses have no parents", []string{"https://*.1"},
			nil, []string{"https://1.1.1.1"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := origins.NewSet(tt.entries, func(int, error) {})
			for _, o := range tt.in {
				if !s.Contains(o) {
					t.Errorf("Contains(%q) = false, want true", o)
				}
			}
			for _, o := range tt.out {
				if s.Contains(o) {
					t.Errorf("Contains(%q) = true, want false", o)
				}
			}
		})
	}
}

func TestSetListsEachPatternOnce(t *testing.T) {
	t.Parallel()
	s := newSet(t, "https://b.example", "https://*.c.example", "https://b.example", "null", "https://a.example", "https://*.c.example")
	got := slices.Sorted(s.All())
	want := []string{"https://*.c.example", "https://a.example", "https://b.example", "null"}
	if !slices.Equal(got, want) || s.Len() != len(want) {
		t.Errorf("All() = %q (Len %d), want %q", got, s.Len(), want)
	}
}

// Patterns with common parts have fooled lookups that share them: whatever the
// order in which they are added, only what is listed is covered.
func TestSetOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	hosts := []string{"foo.com", "bar.com", "barfoo.com", "foobar.com", "o.com", "com.foo", "a.foo.com", "foo.com.foo"}
	for range 500 {
		rnd.Shuffle(len(hosts), func(i, j int) { hosts[i], hosts[j] = hosts[j], hosts[i] })
		n := 1 + rnd.IntN(len(hosts)-1)
		var entries []string
		for _, h := range hosts[:n] {
			entries = append(entries, "https://"+h)
		}
		s := newSet(t, entries...)
		for i, h := range hosts {
			if got := s.Contains("https://" + h); got != (i < n) {
				t.Fatalf("set of %q: Contains(%q) = %v", hosts[:n], h, got)
			}
		}
	}
}

func TestSetOfManyOrigins(t *testing.T) {
	t.Parallel()
	const n = 20_000
	entries := make([]string, n)
	for i := range entries {
		entries[i] = fmt.Sprintf("https://tenant%05d.example.net", i)
	}
	s := newSet(t, entries...)
	for i := range entries {
		if !s.Contains(fmt.Sprintf("https://tenant%05d.example.net", i)) {
			t.Fatalf("tenant %d is missing", i)
		}
		if s.Contains(fmt.Sprintf("https://tenant%05d.example.net", n+i)) {
			t.Fatalf("tenant %d is covered", n+i)
		}
	}
}

// Short lists are looked through in other ways than long ones.
func TestSetsOfAllSizes(t *testing.T) {
	t.Parallel()
	shapes := map[string][]string{
		"exact":              {"https://h%d.example", "https://h%d.example:8443"},
		"subdomains":         {"https://*.h%d.example", "http://*.h%d.example:8080"},
		"any port":           {"http://h%d.example:*", "https://*.h%d.example:*"},
		"every kind":         {"https://h%d.example", "https://*.h%d.example", "null"},
		"extensions as well": {"https://*.h%d.example", "moz-extension%d://*"},
	}
	asked := []string{
		"https://h%d.example", "https://a.h%d.example", "http://a.h%d.example:8080", "https://h%d.example:8443",
		"http://h%d.example:1", "https://a.b.h%d.example:2", "https://xh%d.example", "moz-extension%d://x", "null", "",
	}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, size := range []int{0, 1, 2, 7, 8, 9, 10, 17, 40} {
				var entries []string
				for i := range size {
					entries = append(entries, strings.Replace(shape[i%len(shape)], "%d", fmt.Sprint(i), 1))
				}
				s := newSet(t, entries...)
				for i := range 40 {
					for _, origin := range asked {
						origin = strings.Replace(origin, "%d", fmt.Sprint(i), 1)
						want := slices.ContainsFunc(entries, func(entry string) bool { return plainlyCovers(entry, origin) })
						if got := s.Contains(origin); got != want {
							t.Fatalf("set of %q: Contains(%q) = %v", entries, origin, got)
						}
					}
				}
			}
		})
	}
}

func TestSetDoesNotAllocate(t *testing.T) {
	s := newSet(t, "https://a.example", "https://*.b.example", "http://localhost:*", "moz-extension://*", "null")
	for _, o := range []string{
		"https://a.example", "https://x.y.b.example", "https://evil.example", "null", strings.Repeat("a.", 100_000),
		"https://x$y.b.example", "https://u@x.b.example", "https://x(.b.example", "https://X.b.example", "https://x..b.example",
		"http://localhost:99999", "moz-extension://a$", "moz-extension://[::1]", "moz-extension://[0::1]", "moz-extension://[::ffff:1.2.3.4]",
	} {
		if n := testing.AllocsPerRun(100, func() { s.Contains(o) }); n != 0 {
			t.Errorf("Contains(%.40q) allocates %v times", o, n)
		}
	}
}

// FuzzContains holds the set against the plain reading of the pattern.
func FuzzContains(f *testing.F) {
	for _, seed := range [][2]string{
		{"https://example.com", "https://example.com"},
		{"https://*.example.com", "https://a.example.com"},
		{"http://localhost:*", "http://localhost:3000"},
		{"https://*.example.com:*", "https://a.b.example.com:1"},
		{"moz-extension://*", "moz-extension://a"},
		{"http://[::1]:*", "http://[::1]:80"},
		{"*", "null"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, entry, origin string) {
		p, err := origins.ParsePattern(entry)
		if err != nil {
			var e *origins.Error
			if e, _ = err.(*origins.Error); e == nil || e.Message == "" || e.Hint == "" {
				t.Errorf("ParsePattern(%q): %v says too little", entry, err)
			}
			return
		}
		if p.String() != entry {
			t.Errorf("ParsePattern(%q).String() = %q", entry, p.String())
		}
		s := newSet(t, entry)
		if got, want := s.Contains(origin), plainlyCovers(entry, origin); got != want {
			t.Errorf("pattern %q, origin %q: Contains = %v, plain reading %v", entry, origin, got, want)
		}
		if got := s.Contains(entry); got != p.IsExact() && p != origins.Any {
			t.Errorf("pattern %q covers itself: %v", entry, got)
		}
	})
}

// plainlyCovers reads a valid pattern as docs/policy.md tells it, slowly.
func plainlyCovers(pattern, origin string) bool {
	if pattern == "*" || pattern == origin {
		return pattern == "*" || !strings.Contains(pattern, "*")
	}
	if pattern == "null" || !origins.IsOrigin(origin) {
		return false
	}
	if bare, ok := strings.CutSuffix(pattern, ":*"); ok {
		if i := strings.LastIndex(origin, ":"); i > strings.LastIndex(origin, "]") && i > strings.Index(origin, "://") {
			origin = origin[:i]
		}
		pattern = bare
	}
	before, after, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == origin
	}
	return len(origin) > len(before)+len(after) && strings.HasPrefix(origin, before) && strings.HasSuffix(origin, after) &&
		(after == "" || !strings.Contains(strings.TrimSuffix(strings.TrimPrefix(origin, before), after), ":")) &&
		(after != "" || !strings.Contains(strings.TrimPrefix(origin, before), ":") || strings.HasSuffix(pattern, ":*"))
}
