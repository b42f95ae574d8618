package gateway

import (
	"sync"
	"time"
)

// A stall watches reads or writes, one at a time, and cuts the one that takes
// too long, or what happens in between. A deadline set before each would do the same for HTTP/1; but in
// HTTP/2 each deadline is a message to another goroutine, and one that passes
// between two writes ends the stream.
type stall struct {
	wait time.Duration
	cut  func()

	mu      sync.Mutex
	timer   *time.Timer
	waiting bool
	since   time.Time
	over    bool // there is nothing more to wait for
}

func (s *stall) begin() {
	if s.wait <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return
	}
	s.waiting, s.since = true, time.Now()
	if s.timer == nil {
		s.timer = time.AfterFunc(s.wait, s.expire)
	} else {
		s.timer.Reset(s.wait)
	}
}

func (s *stall) finish() {
	if s.wait <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = false
	if s.timer != nil {
		s.timer.Stop()
	}
}

// end is called before the server takes back what would be cut.
func (s *stall) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	if s.timer != nil {
		s.timer.Stop()
	}
}

func (s *stall) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	// The timer may have run out for the one before.
	if s.waiting && !s.over && time.Since(s.since) >= s.wait {
		s.cut()
	}
}

// past is a deadline that interrupts.
var past = time.Unix(1, 0)
