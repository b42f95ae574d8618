package origins

import (
	"bytes"
	"hash/maphash"
	"math/bits"
	"strings"
)

// A table is a set of origins in one string, found by a hash. An allow-list may
// have a million tenants: a map of strings needs twice the memory of this, and
// the garbage collector would walk it; here are two objects without pointers.
type table struct {
	// text holds the origins, a newline behind each, which no origin contains.
	// It is no strings.Builder, because that must not be copied, and sets are.
	text []byte
	// slots is an open-addressing hash table; its length is fixed by reserve
	// and never full. A slot is 0 while empty, else the lower bits of the
	// origin's hash (the upper ones chose the slot) and, below them, one more
	// than its offset in text.
	slots []uint64
	seed  maphash.Seed
	len   int
}

const (
	offsetBits = 40
	offsetMask = 1<<offsetBits - 1
)

// reserve makes room for the entries. At most three of four slots fill up.
func (t *table) reserve(entries []string) {
	size := 0
	for _, e := range entries {
		size += len(e) + len("\n")
	}
	t.seed = maphash.MakeSeed()
	t.slots = make([]uint64, len(entries)+len(entries)/3+1)
	t.text = make([]byte, 0, size)
}

func (t *table) add(origin string) {
	slot, found := t.find(origin)
	if found {
		return
	}
	tag := maphash.String(t.seed, origin) << offsetBits
	t.slots[slot] = tag | uint64(len(t.text)+1)
	t.text = append(t.text, origin...)
	t.text = append(t.text, '\n')
	t.len++
}

func (t *table) contains(origin string) bool {
	if t.len == 0 {
		return false
	}
	_, found := t.find(origin)
	return found
}

// find returns the slot of the origin, or the empty one where it would go.
func (t *table) find(origin string) (slot int, found bool) {
	hash := maphash.String(t.seed, origin)
	// The product's upper half spreads any hash evenly over any length.
	hi, _ := bits.Mul64(hash, uint64(len(t.slots)))
	for i := int(hi); ; {
		s := t.slots[i]
		if s == 0 {
			return i, false
		}
		if s>>offsetBits == hash&(1<<(64-offsetBits)-1) && hasLine(t.text[s&offsetMask-1:], origin) {
			return i, true
		}
		if i++; i == len(t.slots) {
			i = 0
		}
	}
}

func hasLine(text []byte, line string) bool {
	return len(text) > len(line) && text[len(line)] == '\n' && string(text[:len(line)]) == line &&
		strings.IndexByte(line, '\n') < 0
}

func (t *table) all(yield func(string) bool) {
	for line := range bytes.Lines(t.text) {
		if !yield(string(line[:len(line)-1])) {
			return
		}
	}
}
