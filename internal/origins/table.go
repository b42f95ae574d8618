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
	// The lengths of the origins, so that what is shorter or longer than all of
	// them needs no hash.
	shortest, longest int
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

// add enters an origin of which reserve knew. It is found once fill is done.
func (t *table) add(origin string) {
	if t.longest == 0 {
		t.shortest = len(origin)
	}
	t.shortest, t.longest = min(t.shortest, len(origin)), max(t.longest, len(origin))
	t.text = append(t.text, origin...)
	t.text = append(t.text, '\n')
}

// fill enters what was added into the slots. In a loop of nothing else the
// processor waits for several slots at once; a million origins, one by one
// between other work, take half as long again.
func (t *table) fill() {
	for start := 0; start < len(t.text); {
		end := start + bytes.IndexByte(t.text[start:], '\n')
		hash := maphash.Bytes(t.seed, t.text[start:end])
		if slot, found := find(t, t.text[start:end], hash); !found {
			t.slots[slot] = hash<<offsetBits | uint64(start+1)
			t.len++
		}
		start = end + 1
	}
}

func (t *table) contains(origin string) bool {
	if len(origin) < t.shortest || t.longest < len(origin) {
		return false
	}
	_, found := find(t, origin, maphash.String(t.seed, origin))
	return found
}

// find returns the slot of the origin, or the empty one where it would go.
func find[text string | []byte](t *table, origin text, hash uint64) (slot int, found bool) {
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

func hasLine[text string | []byte](t []byte, line text) bool {
	return len(t) > len(line) && t[len(line)] == '\n' && string(t[:len(line)]) == string(line) &&
		!strings.Contains(string(line), "\n")
}

// all goes by the slots, because text may hold an origin twice.
func (t *table) all(yield func(string) bool) {
	for _, s := range t.slots {
		if s == 0 {
			continue
		}
		origin, _, _ := bytes.Cut(t.text[s&offsetMask-1:], []byte("\n"))
		if !yield(string(origin)) {
			return
		}
	}
}
