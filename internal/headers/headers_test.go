package headers_test

import (
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/headers"
)

func TestNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                                                          string
		isName, cors, forbiddenRequest, forbiddenResponse, safelisted bool
	}{
		{"X-Request-ID", true, false, false, false, false},
		{"", false, false, false, false, false},
		{"X Request", false, false, false, false, false},
		{"X-Réquest", false, false, false, false, false},
		{"Access-Control-Allow-Origin", true, true, false, false, false},
		{"access-control-ALLOW-credentials", true, true, false, false, false},
		{"Access-Control-Allow-Private-Network", true, true, false, false, false},
		{"Access-Control-Allow-External", true, true, false, false, false}, // as long as Expose-Headers
		{"Access-Control-Allow-X", true, true, false, false, false},        // as long as Max-Age
		{"Access-Control-Allow-", true, false, false, false, false},
		{"Access-Control-", true, false, false, false, false},
		{"Access-Control-Max-Age", true, true, false, false, false},
		{"Access-Control-Min-Age", true, false, false, false, false},
		{"Access-Control-Expose-Headers", true, true, false, false, false},
		{"Access-Control-Request-Method", true, false, true, false, false},
		{"Access-Control-Request-Headers", true, false, true, false, false},
		{"Accept", true, false, false, false, false},
		{"Accept-Encoding", true, false, true, false, false},
		{"Vary", true, false, false, false, false},
		{"cookie", true, false, true, false, false},
		{"coo\u212aie", false, false, false, false, false}, // a Kelvin sign is no k
		{"Set-Cookie", true, false, true, true, false},
		{"Set-Cookie2", true, false, false, true, false},
		{"Sec-Anything", true, false, true, false, false},
		{"proxy-authorization", true, false, true, false, false},
		{"Authorization", true, false, false, false, false},
		{"Content-Type", true, false, false, false, true},
		{"content-length", true, false, true, false, true},
		{"PRAGMA", true, false, false, false, true},
		{"ETag", true, false, false, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check := func(what string, got, want bool) {
				if got != want {
					t.Errorf("%s(%q) = %v, want %v", what, tt.name, got, want)
				}
			}
			check("IsName", headers.IsName(tt.name), tt.isName)
			check("IsCORSResponse", headers.IsCORSResponse(tt.name), tt.cors)
			check("IsForbiddenRequest", headers.IsForbiddenRequest(tt.name), tt.forbiddenRequest)
			check("IsForbiddenResponse", headers.IsForbiddenResponse(tt.name), tt.forbiddenResponse)
			check("IsSafelistedResponse", headers.IsSafelistedResponse(tt.name), tt.safelisted)
		})
	}
}

func TestGroupsHoldHeadersThatCanBeAllowed(t *testing.T) {
	t.Parallel()
	for _, group := range headers.GroupNames() {
		g, ok := headers.LookupGroup(group)
		if !ok || len(g.Request) == 0 || group[0] != '@' {
			t.Errorf("group %q: %v %v", group, g, ok)
		}
		for _, name := range g.Request {
			if !headers.IsName(name) || headers.IsForbiddenRequest(name) || strings.EqualFold(name, "Authorization") {
				t.Errorf("group %q: request header %q", group, name)
			}
		}
		for _, name := range g.Response {
			if !headers.IsName(name) || headers.IsForbiddenResponse(name) {
				t.Errorf("group %q: response header %q", group, name)
			}
		}
	}
	if _, ok := headers.LookupGroup("tracing"); ok {
		t.Error("a group without its @ was found")
	}
}

func TestFirstMissing(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100)
	names := []string{"Authorization", "PageNumber", "X-A", long}
	const mega = 1 << 20
	tests := []struct {
		name    string
		set     []string
		lines   []string
		missing string
		ok      bool
	}{
		{"no lines", names, nil, "", true},
		{"empty line", names, []string{""}, "", true},
		{"all", names, []string{"authorization,pagenumber,x-a"}, "", true},
		{"in any order", names, []string{"x-a,authorization"}, "", true},
		{"in any case", names, []string{"X-A,AUTHORIZATION"}, "", true},
		{"with whitespace", names, []string{" x-a ,\tauthorization\t "}, "", true},
		{"with empty elements", names, []string{",x-a,,authorization,"}, "", true},
		{"on two lines", names, []string{"authorization", "x-a"}, "", true},
		{"twice", names, []string{"x-a,x-a"}, "", true},
		{"long name", names, []string{long, strings.ToUpper(long)}, "", true},
		{"one missing", names, []string{"authorization,x-b"}, "x-b", false},
		{"second line missing", names, []string{"authorization", "x-b"}, "x-b", false},
		{"first missing is named", names, []string{"x-z,x-b"}, "x-z", false},
		{"space inside", names, []string{"x a"}, "x a", false},
		{"prefix", names, []string{"x-"}, "x-", false},
		{"longer", names, []string{"x-a1"}, "x-a1", false},
		{"long name with a Kelvin sign", []string{strings.Repeat("k", 100)}, []string{strings.Repeat("\u212a", 100)[:102] + strings.Repeat("k", 66)}, strings.Repeat("\u212a", 34) + strings.Repeat("k", 66), false},
		{"other long name", names, []string{strings.Repeat("y", 100)}, strings.Repeat("y", 100), false},
		{"no list separator", names, []string{"x-a;authorization"}, "x-a;authorization", false},
		{"vertical tab", names, []string{"\vx-a"}, "\vx-a", false},
		{"no-break space", names, []string{"\u00a0x-a"}, "\u00a0x-a", false},
		{"empty set", nil, []string{"x-a"}, "x-a", false},
		{"too many empty elements", names, []string{strings.Repeat(",", mega)}, "", false},
		{"too much whitespace", names, []string{strings.Repeat(" ", mega) + "x-a"}, strings.Repeat(" ", mega-16) + "x-a", false},
		{"too many names", names, []string{strings.Repeat("x-a,", mega)}, "x-a", false},
		{"star", []string{"*"}, []string{"x-anything,y"}, "", true},
		{"star and no name", []string{"*"}, []string{"x y"}, "x y", false},
		{"star without Authorization", []string{"*"}, []string{"x,Authorization"}, "Authorization", false},
		{"star with Authorization", []string{"*", "Authorization"}, []string{"x,authorization"}, "", true},
		{"star and a very long name", []string{"*"}, []string{strings.Repeat("x", 300)}, strings.Repeat("x", 300), false},
		{"star and too many names", []string{"*"}, []string{strings.Repeat("x,", mega)}, "x", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := headers.NewSet(tt.set)
			missing, ok := s.FirstMissing(tt.lines)
			if missing != tt.missing || ok != tt.ok {
				t.Errorf("FirstMissing(%.80q) = %.80q, %v; want %.80q, %v", tt.lines, missing, ok, tt.missing, tt.ok)
			}
		})
	}
}

// FuzzFirstMissing holds the set against the plain reading: every listed name
// that is accepted is in the set, in any case.
func FuzzFirstMissing(f *testing.F) {
	f.Add("X-A,Authorization", "x-a, authorization")
	f.Add("*", "x-a,authorization")
	f.Add("X-A", ",, x-a\t,")
	f.Fuzz(func(t *testing.T, listed, line string) {
		names := strings.Split(listed, ",")
		for _, n := range names {
			if !headers.IsName(n) {
				return // sets are made of names
			}
		}
		s := headers.NewSet(names)
		missing, ok := s.FirstMissing([]string{line})
		for element := range strings.SplitSeq(line, ",") {
			name := strings.Trim(element, " \t")
			if name == "" || plainlyListed(names, name) {
				continue
			}
			if ok {
				t.Errorf("set %q, list %q: %q was not missed", names, line, name)
			}
			return
		}
		// The list is longer or wider than browsers write, or all is well.
		if !ok && !strings.Contains(line, missing) {
			t.Errorf("set %q, list %q: %q is not in the list", names, line, missing)
		}
		if !ok && len(line) < 16 {
			t.Errorf("set %q, list %q: %q was missed", names, line, missing)
		}
	})
}

func plainlyListed(names []string, name string) bool {
	for _, n := range names {
		if n == "*" && headers.IsName(name) && !strings.EqualFold(name, "authorization") {
			return true
		}
		if n != "*" && headers.IsName(name) && strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
