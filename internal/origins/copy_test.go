package origins_test

import (
	"runtime"
	"testing"

	"github.com/corsac-cors/corsac/internal/origins"
)

// TestSetMayBeCopied: NewSet returns a value, so nothing in a set may point
// back to the stack on which it was made. A pointer that does ends the process
// at a collection after that stack has gone.
func TestSetMayBeCopied(t *testing.T) {
	const n = 1000
	sets := make([]*origins.Set, n)
	done := make(chan bool)
	for i := range sets {
		go func() {
			sets[i] = newSet(t, "https://app.example.com")
			done <- true
		}()
	}
	for range sets {
		<-done
	}
	// A collection frees the stacks of what has ended, the next one looks at
	// what is left.
	for range 3 {
		runtime.GC()
	}
	for _, s := range sets {
		if !s.Contains("https://app.example.com") {
			t.Fatal("a set lost its origin")
		}
	}
}
