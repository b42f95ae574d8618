package fetch

import (
	"slices"
	"strings"
	"testing"
)

func TestIsCORSSafelistedRequestHeader(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, value string
		want        bool
	}{
		{"accept", "*/*", true}, {"ACCEPT", "", true}, {"accept", "a\tb", true}, {"accept", "a\x01b", false},
		{"accept", "a\x80b", true}, {"accept", "a\x7fb", false}, {"accept", strings.Repeat("a", 128), true},
		{"accept", strings.Repeat("a", 129), false}, {"accept", "a:b", false}, {"accept", `a\b`, false},
		{"accept-language", "en-US,en;q=0.5 *.", true}, {"accept-language", "en\t", false}, {"accept-language", "é", false},
		{"content-language", "de_DE", false}, {"content-language", "", true},
		{"content-type", "text/plain", true}, {"content-type", "TEXT/Plain ; charset=utf-8", true},
		{"content-type", "text/plain;\x80", true}, {"content-type", "text/plain; a=\"b\"", false},
		{"content-type", "multipart/form-data; boundary=x", true}, {"content-type", "application/json", false},
		{"content-type", "", false}, {"content-type", "text/plain, x/y", false}, {"content-type", "text/pla in", false},
		{"range", "bytes=0-", true}, {"range", "bytes=5-5", true}, {"range", "bytes=6-5", false}, {"range", "bytes=-5", false},
		{"range", "Bytes=0-1", false}, {"range", "bytes=0-1,3-4", false}, {"range", "bytes= 0-1", false},
		{"range", "bytes=99999999999999999999-100000000000000000000", true}, {"range", "bytes=0010-9", false}, {"range", "bytes=a-", false},
		{"dpr", "1", false}, {"save-data", "on", false}, {"x-foo", "1", false}, {"authorization", "x", false}, {"user-agent", "x", false},
	} {
		if got := IsCORSSafelistedRequestHeader(test.name, test.value); got != test.want {
			t.Errorf("%s: %q: %t", test.name, test.value, got)
		}
	}
}

func TestClientHints(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"DPR: 1.5": true, "dpr: 1.": false, "dpr: .5": false, "dpr: x": false, "device-memory: 8": true, "downlink: 1.2.3": false,
		"width: 10": true, "width: 1.5": false, "rtt: ": false, "ect: 4g": true, "ect: 5g": false, "save-data: ON": true, "save-data: off": false,
		"sec-ch-x: 1": false,
	} {
		name, value, _ := strings.Cut(value, ": ")
		if Chrome.isSafelisted(asciiLower(name), value) != want || Firefox.isSafelisted(asciiLower(name), value) {
			t.Errorf("%s: %s: Chrome wants %t, Firefox false", name, value, want)
		}
	}
}

func TestCORSUnsafeRequestHeaderNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 128)
	var many Header
	for range 8 {
		many.Add("Accept", long)
	}
	for _, test := range []struct {
		name string
		in   Header
		want []string
	}{
		{"none", nil, nil},
		{"safelisted", Header{{Name: "Accept", Value: "x"}, {Name: "Content-Type", Value: "text/plain"}}, nil},
		{"sorted, lower case, once", Header{{Name: "X-B", Value: "1"}, {Name: "x-a", Value: "1"}, {Name: "X-b", Value: "2"}, {Name: "Content-Type", Value: "a/b"}}, []string{"content-type", "x-a", "x-b"}},
		{"1024 bytes", many, nil},
		{"1025 bytes", append(many.Clone(), Field{Name: "Accept-Language", Value: "e"}, Field{Name: "X-A", Value: "1"}), []string{"accept", "accept-language", "x-a"}},
		{"each line by itself", Header{{Name: "Accept", Value: long}, {Name: "Accept", Value: long}}, nil},
		{"one line of two", Header{{Name: "Accept", Value: "x"}, {Name: "accept", Value: "("}}, []string{"accept"}},
	} {
		if got := CORSUnsafeRequestHeaderNames(test.in); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestIsForbiddenRequestHeader(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, value string
		want        bool
	}{
		{"Cookie", "", true}, {"sec-anything", "x", true}, {"Proxy-X", "", true}, {"Set-Cookie", "", true}, {"date", "", true},
		{"User-Agent", "x", false}, {"Authorization", "x", false}, {"Cookies", "x", false}, {"Section", "x", false},
		{"Access-Control-Request-Method", "GET", true}, {"Access-Control-Request-Private-Network", "true", false},
		{"X-HTTP-Method-Override", "PUT", false}, {"X-HTTP-Method-Override", "trace", true}, {"x-http-method", "GET, TRACK", true},
		{"X-Method-Override", "GET\t,\tconnect ", true}, {"X-Method-Override", `"GET, TRACE"`, false}, {"X-Method-Override", `"\", TRACE", TRACE`, true},
		{"X-Method-Override", "TRACES", false}, {"X-Method", "TRACE", false},
	} {
		if got := IsForbiddenRequestHeader(test.name, test.value); got != test.want {
			t.Errorf("%s: %q: %t", test.name, test.value, got)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"get": "GET", "Delete": "DELETE", "oPTIONS": "OPTIONS", "patch": "patch", "query": "query", "PATCH": "PATCH"} {
		if got := NormalizeMethod(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if IsMethod("") || IsMethod("a b") || !IsMethod("*") || !IsForbiddenMethod("Track") || IsForbiddenMethod("TRACES") || IsCORSSafelistedMethod("PUT") || !IsCORSSafelistedMethod("POST") {
		t.Error("methods are tokens, TRACK is forbidden, POST is safelisted")
	}
}

func TestNoCORSGuard(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 65)
	in := Header{
		{Name: "Accept", Value: long}, {Name: "Accept", Value: long}, // 132 bytes together
		{Name: "X-Foo", Value: "1"}, {Name: "Range", Value: "bytes=0-1"}, {Name: "Content-Type", Value: "application/json"}, {Name: "content-type", Value: "text/plain"}, {Name: "Authorization", Value: "x"},
	}
	f := newFetching(t.Context(), &Agent{}, Request{})
	got, failure := f.guardRequest(in, ModeNoCORS)
	want := Header{{Name: "Accept", Value: long}, {Name: "content-type", Value: "text/plain"}}
	if failure != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, failure, want)
	}
	if !IsNoCORSSafelistedRequestHeader("Content-Type", "text/plain") || IsNoCORSSafelistedRequestHeader("Range", "bytes=0-1") || !IsNoCORSSafelistedRequestHeaderName("ACCEPT") {
		t.Error("Content-Type is no-CORS-safelisted, Range is not")
	}
}

func TestGuardRefusesWhatIsNoHeader(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		field Field
		want  Kind
	}{
		{Field{Name: "", Value: "x"}, InvalidHeaderName}, {Field{Name: "a b", Value: "x"}, InvalidHeaderName}, {Field{Name: "a:", Value: "x"}, InvalidHeaderName},
		{Field{Name: "é", Value: "x"}, InvalidHeaderName}, {Field{Name: "a", Value: "x\ny"}, InvalidHeaderValue}, {Field{Name: "a", Value: "x\x00y"}, InvalidHeaderValue},
		{Field{Name: "a", Value: " \r\n x \t"}, ""}, {Field{Name: "a", Value: "\x01\x7f\xff"}, ""}, {Field{Name: "a", Value: "\x0bx\x0c"}, ""},
	} {
		f := newFetching(t.Context(), &Agent{}, Request{})
		_, failure := f.guardRequest(Header{test.field}, ModeCORS)
		if kind := kindOf(failure); kind != test.want {
			t.Errorf("%q: %s, want %s", test.field, kind, test.want)
		}
	}
}

func kindOf(f *Failure) Kind {
	if f == nil {
		return ""
	}
	return f.Kind
}

func TestExtractTokens(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		lines []string
		want  []string
		ok    bool
	}{
		{"absent", nil, nil, true},
		{"empty", []string{""}, []string{}, true},
		{"only commas", []string{" , ,\t"}, []string{}, true},
		{"one", []string{"PUT"}, []string{"PUT"}, true},
		{"spaces and tabs", []string{"\tPUT ,\tx-y\t"}, []string{"PUT", "x-y"}, true},
		{"two lines", []string{"a", "", "b,c"}, []string{"a", "b", "c"}, true},
		{"star", []string{"*"}, []string{"*"}, true},
		{"every token byte", []string{"!#$%&'*+-.^_`|~09azAZ"}, []string{"!#$%&'*+-.^_`|~09azAZ"}, true},
		{"space inside", []string{"a b"}, nil, false},
		{"bad second line", []string{"a", "b;"}, nil, false},
		{"vertical tab", []string{"\x0ba"}, nil, false},
		{"no-break space", []string{"\xa0a"}, nil, false},
		{"quotes", []string{`"a"`}, nil, false},
	} {
		var h Header
		for _, line := range test.lines {
			h.Add("access-control-ALLOW-methods", line)
		}
		got, bad, ok := extractTokens(h, "Access-Control-Allow-Methods")
		if ok != test.ok || !slices.Equal(got, test.want) || (got == nil) != (test.want == nil) || !ok && bad == "" {
			t.Errorf("%s: %q, %q, %t", test.name, got, bad, ok)
		}
	}
}

func FuzzExtractTokens(f *testing.F) {
	f.Add("a, b", "c")
	f.Add(",,", "\t")
	f.Add("a b", "")
	f.Fuzz(func(t *testing.T, one, two string) {
		h := Header{{Name: "L", Value: one}, {Name: "L", Value: two}}
		list, bad, ok := extractTokens(h, "l")
		if ok != (bad == "") {
			t.Fatalf("%q: %t", bad, ok)
		}
		for _, token := range list {
			if !isToken(token) {
				t.Fatalf("%q", token)
			}
		}
		// What is a list on each line is the same list on one.
		joined, _, okJoined := extractTokens(Header{{Name: "L", Value: one + "," + two}}, "L")
		if ok != okJoined || !slices.Equal(list, joined) {
			t.Fatalf("%q (%t) on two lines, %q (%t) on one", list, ok, joined, okJoined)
		}
		if good := tokensBeforeFault(h, "L"); ok && !slices.Equal(good, list) {
			t.Fatalf("%q, by lines %q", list, good)
		}
	})
}

func FuzzMIMEEssence(f *testing.F) {
	for _, seed := range []string{"text/plain", " a/b ;x", "a/", "/b", "a/b c", "text/plain;;", "A/B\t"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		essence, ok := mimeEssence(s)
		if !ok {
			return
		}
		again, ok := mimeEssence(essence)
		if !ok || again != essence || essence != asciiLower(essence) {
			t.Fatalf("%q is %q, and that is %q (%t)", s, essence, again, ok)
		}
		if with, ok := mimeEssence(s + ";x=y"); !ok || with != essence {
			t.Fatalf("%q with a parameter is %q", s, with)
		}
	})
}

func FuzzSimpleRange(f *testing.F) {
	for _, seed := range []string{"bytes=0-1", "bytes=-", "bytes=010-9", "bytes=1-", "bytes=18446744073709551616-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !isSimpleRange(s) {
			return
		}
		rest, found := strings.CutPrefix(s, "bytes=")
		if !found || strings.Count(rest, "-") != 1 || strings.Trim(rest, "0123456789-") != "" || rest[0] == '-' {
			t.Fatalf("%q is simple", s)
		}
		if padded := "bytes=000" + rest; !isSimpleRange(padded) {
			t.Fatalf("%q is simple, %q is not", s, padded)
		}
	})
}
