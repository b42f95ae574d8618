package lab

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"
)

// FreeAddress is an address of this machine on which nothing listens. Until the
// test ends it is given to no other. Its port is below those that systems take
// for outgoing connections, which could come between, and above those that
// browsers fetch nothing from.
func FreeAddress(t testing.TB) string {
	t.Helper()
	for range 1000 {
		address := fmt.Sprintf("127.0.0.1:%d", 11000+rand.IntN(20000))
		// The same port of UDP stands for it: other tests, also those of other
		// packages, which run at the same time, do not get it as long as it is held.
		hold, err := net.ListenPacket("udp", address)
		if err != nil {
			continue
		}
		ln, err := net.Listen("tcp", address)
		if err != nil {
			hold.Close()
			continue
		}
		ln.Close()
		t.Cleanup(func() { hold.Close() })
		return address
	}
	t.Fatal("no port is free")
	return ""
}

// Serve runs a server until the test ends, and returns when something listens on
// the address. The program is a component's name, or a path if it has a slash
// in it. Furnish puts what the server needs into a directory of its own, and
// says the arguments. What the program has said is shown if the test fails.
func Serve(t testing.TB, address, program string, furnish func(dir string) (args []string, err error)) {
	t.Helper()
	if !strings.Contains(program, "/") {
		program = Path(t, program)
	}
	p, err := start(t.Context(), program, nil, furnish)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.close()
		if t.Failed() {
			t.Logf("%s said: %s", program, p.out.String())
		}
	})
	if err := p.awaitListening(t, address); err != nil {
		t.Fatal(err)
	}
}

func (p *process) awaitListening(t testing.TB, address string) error {
	for {
		c, err := net.Dial("tcp", address)
		if err == nil {
			return c.Close()
		}
		select {
		case <-p.exited:
			return fmt.Errorf("the server has ended: %s", p.out.String())
		case <-t.Context().Done():
			return fmt.Errorf("the server does not listen on %s: %s", address, p.out.String())
		case <-time.After(5 * time.Millisecond):
		}
	}
}
