package origins

import "testing"

// Two origins whose hashes agree are told apart by the text alone, whose lines
// stand one behind the other.
func TestHasLine(t *testing.T) {
	t.Parallel()
	const text = "https://app.example.com\nhttps://b.example\n"
	for _, tt := range []struct {
		name, line string
		want       bool
	}{
		{"the line", "https://app.example.com", true},
		{"its beginning", "https://app.example.co", false},
		{"its end", "app.example.com", false},
		{"nothing", "", false},
		{"more than the line", "https://app.example.com.evil.example", false},
		{"two lines", "https://app.example.com\nhttps://b.example", false},
		{"all lines", text, false},
		{"more than all lines", text + "x", false},
	} {
		if got := hasLine([]byte(text), tt.line); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}
