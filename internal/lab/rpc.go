package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/coder/websocket"
)

// A conn speaks to a browser. The Chrome DevTools Protocol and WebDriver BiDi differ in their words
// only: both are JSON messages {id, method, params} over one WebSocket, answered by id and in any
// order, with events in between.
type conn struct {
	ws *websocket.Conn
	// event gets every event, in order and before any answer that came after it; it must not call.
	event func(message)

	mu      sync.Mutex
	lastID  int64
	waiting map[int64]chan message
	done    chan struct{} // closed when reading has ended, after err is set
	err     error
}

type message struct {
	ID      int64           `json:"id,omitempty"` // none in events
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`   // CDP: {code, message}; BiDi: a word
	Message string          `json:"message,omitempty"` // BiDi: the sentence to that word
}

var errGone = errors.New("the browser is gone")

// object is for parameters. BiDi insists on one even where there are none.
type object = map[string]any

var none = object{}

func dial(ctx context.Context, url string, event func(message)) (*conn, error) {
	ws, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(-1) // screenshots
	c := &conn{ws: ws, event: event, waiting: map[int64]chan message{}, done: make(chan struct{})}
	go c.read()
	return c, nil
}

func (c *conn) close() {
	c.ws.CloseNow()
	<-c.done
}

func (c *conn) read() {
	defer close(c.done)
	for {
		_, data, err := c.ws.Read(context.Background())
		var m message
		if err == nil {
			err = json.Unmarshal(data, &m)
		}
		if err != nil {
			c.err = fmt.Errorf("%w: %v", errGone, err)
			c.ws.CloseNow()
			return
		}
		if m.ID == 0 {
			c.event(m)
			continue
		}
		c.mu.Lock()
		answer := c.waiting[m.ID]
		delete(c.waiting, m.ID)
		c.mu.Unlock()
		if answer != nil {
			answer <- m
		}
	}
}

// call runs a method in a session (CDP; "" in BiDi and for the browser as a whole) and stores its
// result, unless result is nil.
func (c *conn) call(ctx context.Context, session, method string, params, result any) error {
	p, err := json.Marshal(params)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	answer := make(chan message, 1)
	c.mu.Lock()
	c.lastID++
	m := message{ID: c.lastID, Session: session, Method: method, Params: p}
	c.waiting[m.ID] = answer
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.waiting, m.ID)
		c.mu.Unlock()
	}()

	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	// Not ctx: this WebSocket is closed for everybody when the context of one Write ends.
	if err := c.ws.Write(context.Background(), websocket.MessageText, data); err != nil {
		return fmt.Errorf("%s: %w: %v", method, errGone, err)
	}
	select {
	case m := <-answer:
		return m.into(method, result)
	case <-c.done:
		return fmt.Errorf("%s: %w", method, c.err)
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, context.Cause(ctx))
	}
}

func (m message) into(method string, result any) error {
	if m.Error != nil {
		var cdp struct{ Message string }
		json.Unmarshal(m.Error, &cdp) // leaves BiDi's word alone
		return fmt.Errorf("%s: %s", method, cdp.Message+m.Message)
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(m.Result, result); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}
