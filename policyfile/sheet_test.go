package policyfile

import "testing"

// Format gives out only what says the same as before. Its own mistakes would
// go unseen here, so this is told of files that it has not made.
func TestSameSheets(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, a, b string
		same       bool
	}{
		{"quotes", "a: b\n", "a: 'b'\n", true},
		{"brackets", "a: [b, c]\n", "a:\n- b\n- c\n", true},
		{"several lines", "a: |\n  b\n", "a: \"b\\n\"\n", true},
		{"nothing", "a: null\n", "a:\n", true},
		{"order of comments", "# 1\na: b # 2\n", "# 2\na: b # 1\n", true},
		{"another value", "a: b\n", "a: c\n", false},
		{"another number", "a: 1\n", "a: 2\n", false},
		{"another key", "a: b\n", "c: b\n", false},
		{"an entry more", "a: [b]\n", "a: [b, c]\n", false},
		{"another entry", "a: [b]\n", "a: [c]\n", false},
		{"a key more", "a: {b: c}\n", "a: {b: c, d: e}\n", false},
		{"another type", "a: 5\n", "a: '5'\n", false},
		{"a list for a text", "a: [b]\n", "a: b\n", false},
		{"a mapping for nothing", "a: {}\n", "a:\n", false},
		{"nothing for a text", "a:\n", "a: ''\n", false},
		{"an anchor more", "a: b\n", "a: &c b\n", false},
		{"another alias", "a: &a 1\nb: &b 2\nc: *a\n", "a: &a 1\nb: &b 2\nc: *b\n", false},
		{"no alias", "a: &a 1\nb: *a\n", "a: &a 1\nb: 1\n", false},
		{"a comment less", "a: b # c\n", "a: b\n", false},
		{"another comment", "a: b # c\n", "a: b # d\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, err := readSheet([]byte(tt.a))
			if err != nil {
				t.Fatal(err)
			}
			b, err := readSheet([]byte(tt.b))
			if err != nil {
				t.Fatal(err)
			}
			if a.equal(b) != tt.same || b.equal(a) != tt.same {
				t.Errorf("equal = %v and %v, want %v", a.equal(b), b.equal(a), tt.same)
			}
		})
	}
}
