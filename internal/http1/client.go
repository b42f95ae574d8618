package http1

import (
	"bufio"
	"context"
	"net"
	"time"
)

// A ClientConn makes one exchange after the other on a connection, and keeps
// what was said as it was said.
type ClientConn struct {
	// Limits, Lenience and Now are set before the first exchange. Without Now,
	// it is time.Now.
	Limits   Limits
	Lenience Lenience
	Now      func() time.Time

	conn   net.Conn
	reader *Reader
	br     *bufio.Reader
}

// NewClientConn makes a strict client of a connection.
func NewClientConn(conn net.Conn) *ClientConn {
	br := bufio.NewReader(conn)
	return &ClientConn{conn: conn, br: br, reader: NewReader(br)}
}

// An Exchange is a request and what came back to it. Where it failed, it holds
// what had come.
type Exchange struct {
	// Request is what was asked; its Raw is the head as it was written.
	Request RequestHead
	// Interim are the responses before the final one.
	Interim []ResponseHead
	// Response is the final response. Where its head is at fault, Raw has what
	// came of it.
	Response ResponseHead
	Framing  Framing
	// Body reads the response's body, until Close.
	Body *Body
	// Begun, FirstByte and HeadRead are when the request began to be written,
	// when the first byte came back, and when the final head had been read.
	Begun, FirstByte, HeadRead time.Time

	client *ClientConn
	stop   func() bool // ends the power of the context over the connection
	upload chan error  // what came of writing; nil once it was received
	sent   error
}

// RoundTrip writes a request and reads the response up to its body. The header
// is written as it is: who gives a body gives its Content-Length too. The body
// is written while the response is read, as a server may answer before it has
// it all.
//
// Until the exchange is closed, the end of ctx interrupts reading and writing,
// by the connection's deadline: the error of RoundTrip is its cause then, that of
// the body is os.ErrDeadlineExceeded. The exchange is never nil and must be
// closed. The error is io.EOF if the server closed the connection instead of
// answering.
func (c *ClientConn) RoundTrip(ctx context.Context, h *RequestHead, body []byte) (*Exchange, error) {
	x := &Exchange{Request: *h, client: c, stop: func() bool { return true }}
	message, err := AppendRequestHead(nil, h)
	if err != nil {
		return x, err
	}
	x.Request.Raw = string(message)
	x.Begun = c.now()
	x.stop = context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(past) })
	x.upload = make(chan error, 1)
	go func() { x.upload <- c.write(message, body) }()
	err = x.readHeads()
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return x, err
}

// write puts what fits into the first packet, as browsers do.
func (c *ClientConn) write(head, body []byte) error {
	const packet = 1400
	if len(head)+len(body) <= packet {
		head, body = append(head, body...), nil
	}
	_, err := c.conn.Write(head)
	if err == nil && len(body) > 0 {
		_, err = c.conn.Write(body)
	}
	return err
}

// past is a deadline that is over.
var past = time.Unix(1, 0)

func (c *ClientConn) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

func (x *Exchange) readHeads() error {
	c := x.client
	r := c.reader
	r.Limits, r.Lenience = c.Limits, c.Lenience
	if _, err := c.br.Peek(1); err == nil {
		x.FirstByte = c.now()
	}
	for {
		x.Response = ResponseHead{}
		if err := r.ReadResponseHead(&x.Response); err != nil {
			return err
		}
		if !x.Response.IsInterim() {
			return x.frame()
		}
		if len(x.Interim) == r.Limits.interim() {
			return newError(TooManyInterim, 0, x.Response.Raw, "a final response")
		}
		x.Interim = append(x.Interim, x.Response)
	}
}

func (x *Exchange) frame() (err error) {
	x.HeadRead = x.client.now()
	if x.Framing, err = x.Response.Framing(x.Request.Method); err != nil {
		return err
	}
	x.Body = x.client.reader.Body(x.Framing)
	return nil
}

// Close ends the exchange, wherever it stands, and reports whether the
// connection can be used for another one: request and response came to their
// ends, both sides keep the connection, and nothing follows that nobody asked
// for. If it cannot, the caller closes the connection.
func (x *Exchange) Close() (reusable bool) {
	stopped := x.stop()
	written := x.finishUpload() == nil
	switch {
	case !stopped, !written, x.Body == nil || !x.Body.Complete():
		return false
	case x.Framing.Kind == Close, x.Framing.Kind == Tunnel:
		return false
	}
	return x.Request.KeepAlive() && x.Response.KeepAlive() && x.client.br.Buffered() == 0
}

// finishUpload interrupts what is still being written: the server has answered
// without it.
func (x *Exchange) finishUpload() error {
	if x.upload == nil {
		return x.sent
	}
	select {
	case x.sent = <-x.upload:
	default:
		_ = x.client.conn.SetWriteDeadline(past)
		x.sent = <-x.upload
		_ = x.client.conn.SetWriteDeadline(time.Time{})
	}
	x.upload = nil
	return x.sent
}
