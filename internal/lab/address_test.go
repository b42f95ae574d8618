package lab_test

import (
	"net"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

// TestFreeAddress: an address is free, and is given to nobody else until the
// test ends, in whatever process.
func TestFreeAddress(t *testing.T) {
	t.Parallel()
	address := lab.FreeAddress(t)
	ln, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	if conn, err := net.ListenPacket("udp", address); err == nil {
		conn.Close()
		t.Errorf("another process could be given %s", address)
	}
}
