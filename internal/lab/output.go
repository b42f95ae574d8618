package lab

import (
	"context"
	"regexp"
	"sync"
)

// output holds the last of what a program printed, and can be waited for.
type output struct {
	mu   sync.Mutex
	text []byte
	more chan struct{} // closed at the next Write, when somebody waits
}

const outputKept = 16 << 10

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, b...)
	o.text = o.text[max(0, len(o.text)-outputKept):]
	if o.more != nil {
		close(o.more)
		o.more = nil
	}
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text)
}

// await returns the first group of the expression once the output matches. It gives up, with "", when ctx
// is done or the program has ended.
func (o *output) await(ctx context.Context, expr *regexp.Regexp, ended <-chan struct{}) string {
	for {
		o.mu.Lock()
		match := expr.FindSubmatch(o.text)
		if o.more == nil {
			o.more = make(chan struct{})
		}
		more := o.more
		o.mu.Unlock()
		if match != nil {
			return string(match[1])
		}
		select {
		case <-more:
		case <-ended:
			return ""
		case <-ctx.Done():
			return ""
		}
	}
}
