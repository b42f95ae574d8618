//go:build unix

package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	goruntime "runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestCarrierUnderStress: whatever goes wrong on either side, and whenever, an
// answer that is complete is the one to its own request, and in the end no
// connection is left and nobody waits for one.
func TestCarrierUnderStress(t *testing.T) {
	const (
		seed    = 20261123
		workers = 16
		each    = 250
	)
	goroutines := goruntime.NumGoroutine()
	up := &unreliable{random: rand.New(rand.NewPCG(seed, 0))}
	s := startScripted(t, up.answer)
	c := testCarrier(t)
	var complete atomic.Int64
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(worker)+1))
			for i := range each {
				id := fmt.Sprintf("%d-%d.", worker, i)
				body, err := ask(t, c, s.url, id, random)
				switch want := strings.Repeat(id, repeats); {
				case err == nil && body == want:
					complete.Add(1)
				case err == nil:
					t.Errorf("%s is answered with %q", id, body)
				case !strings.HasPrefix(want, body):
					t.Errorf("%s is answered with a part of another answer: %q", id, body)
				}
			}
		})
	}
	all.Wait()
	if n := complete.Load(); n < workers*each/3 {
		t.Errorf("only %d answers are complete", n)
	}
	if n := s.connections.Load(); n > workers*each*2/3 {
		t.Errorf("%d connections for %d requests", n, workers*each)
	}
	c.forget()
	const upstream = 1 // accepts
	for deadline := time.Now().Add(patient); goruntime.NumGoroutine() > goroutines+upstream; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			text := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", goruntime.NumGoroutine(), goroutines, text[:goruntime.Stack(text, true)])
		}
	}
}

// repeats is how often an answer says the request's id.
const repeats = 3000

// ask sends a request, and reads what of the answer it has patience for.
func ask(t *testing.T, c *carrier, url, id string, random *rand.Rand) (string, error) {
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	if random.IntN(5) == 0 {
		time.AfterFunc(time.Duration(random.IntN(2000))*time.Microsecond, giveUp)
	}
	method, size := "GET", 0
	if random.IntN(3) == 0 {
		method, size = "POST", random.IntN(1<<18)
	}
	var body io.Reader = bytes.NewReader(make([]byte, size))
	if random.IntN(8) == 0 {
		body = io.MultiReader(io.LimitReader(body, int64(size/2)), failing{errors.New("the client has gone")})
	}
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = int64(size)
	r.Header.Set("X-Id", id)
	res, err := c.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if random.IntN(8) == 0 {
		part, _ := io.ReadAll(io.LimitReader(res.Body, int64(random.IntN(1000))))
		return string(part), errors.New("enough")
	}
	text, err := io.ReadAll(res.Body)
	return string(text), err
}

// An unreliable upstream mostly answers.
type unreliable struct {
	mu     sync.Mutex
	random *rand.Rand
}

func (u *unreliable) roll(n int) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.random.IntN(n)
}

func (u *unreliable) answer(_ int, r *http.Request, conn net.Conn) (last bool) {
	text := strings.Repeat(r.Header.Get("X-Id"), repeats)
	message := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
	if u.roll(2) == 0 {
		half := len(text) / 2
		message = fmt.Sprintf("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n",
			half, text[:half], len(text)-half, text[half:])
	}
	switch u.roll(10) {
	case 0: // hangs up in the middle, or before it has said anything
		io.WriteString(conn, message[:u.roll(len(message))])
		return true
	case 1: // and afterwards
		io.WriteString(conn, message)
		return true
	}
	_, err := io.WriteString(conn, message)
	return err != nil
}
