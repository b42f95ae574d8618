package gateway

import (
	"bufio"
	"net"
	goruntime "runtime"
	"strings"
	"testing"
)

// TestMalformedHeadsCostLittle: of a head that is none, no more is made than of
// one that is. It counts what the process does, and so is not parallel.
func TestMalformedHeadsCostLittle(t *testing.T) {
	client, server := net.Pipe()
	t.Cleanup(func() { client.Close(); server.Close() })
	g := twoWorlds(t)
	const start = "GET / HTTP/1.1\r\nOrigin: https://a.example\r\n"
	for name, head := range map[string]string{
		"many fields":       start + strings.Repeat("X:\r\n", 60_000),
		"many names":        start + strings.Repeat("X\r\n", 60_000),
		"many folded lines": start + "X: y\r\n" + strings.Repeat(" a\r\n", 60_000),
		"folded origin":     start + strings.Repeat("\ta\r\n", 60_000),
		"many blanks":       "GET " + strings.Repeat(" /", 120_000) + "\r\n\r\n",
		"many origins":      start + strings.Repeat(start[16:], 5_000),
	} {
		c := g.newGate(server)
		c.in = bufio.NewReader(strings.NewReader(head)) // and no more
		if c.messages = c.newReader(); c.messages.ReadRequestHead(&c.head) == nil {
			t.Fatal("it is not malformed")
		}
		var before, after goruntime.MemStats
		goruntime.ReadMemStats(&before)
		requestFrom(c)
		goruntime.ReadMemStats(&after)
		if made := after.TotalAlloc - before.TotalAlloc; made > 4<<20 {
			t.Errorf("%s: %d bytes are made of %d", name, made, len(head))
		}
	}
}
