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

// An entry is an origin on its way into the slots.
type entry struct {
	start, end int // in text
	hash       uint64
}

// fill enters what was added into the slots, many at a time: it touches the
// slots of all of them before it looks into one, so that the processor waits for
// memory many times at once, and not for each.
func (t *table) fill() {
	var batch [128]entry
	for start := 0; start < len(t.text); {
		n := 0
		for ; n < len(batch) && start < len(t.text); n++ {
			end := start + bytes.IndexByte(t.text[start:], '\n')
			batch[n] = entry{start, end, maphash.Bytes(t.seed, t.text[start:end])}
			start = end + 1
		}
		t.touch(batch[:n])
		for i := range batch[:n] {
			t.enter(&batch[i])
		}
	}
}

// touch brings the entries' slots into the caches. Were it inlined, the compiler
// would find that nobody asks for the result.
//
//go:noinline
func (t *table) touch(batch []entry) (all uint64) {
	for i := range batch {
		all |= t.slots[t.home(batch[i].hash)]
	}
	return all
}

func (t *table) enter(e *entry) {
	if slot, found := find(t, t.text[e.start:e.end], e.hash); !found {
		t.slots[slot] = e.hash<<offsetBits | uint64(e.start+1)
		t.len++
	}
}

// home is the slot where the search for a hash begins. The product's upper half
// spreads any hash evenly over any length.
func (t *table) home(hash uint64) int {
	hi, _ := bits.Mul64(hash, uint64(len(t.slots)))
	return int(hi)
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
	for i := t.home(hash); ; {
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
