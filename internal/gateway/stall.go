package gateway

import (
	"sync"
	"time"
)

// A stall watches reads or writes, one at a time, and cuts the one that takes
// too long. A deadline set before each would do the same for HTTP/1; but in
// HTTP/2 each deadline is a message to another goroutine, and one that passes
// between two writes ends the stream.
type stall struct {
	wait time.Duration
	cut  func(time.Time) error // sets a deadline

	mu      sync.Mutex
	timer   *time.Timer
	waiting bool
	since   time.Time
	over    bool // the request is done: its writer must not be touched
}

func (s *stall) begin() {
	if s.wait <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
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
	s.timer.Stop()
}

// end is called before the server takes its writer back.
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
		s.cut(time.Unix(1, 0))
	}
}
