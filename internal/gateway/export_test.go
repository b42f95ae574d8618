package gateway

import (
	"context"
	"net"
)

// DialBy has connections to the upstreams made in another way, until the next
// reload.
func (g *Gateway) DialBy(dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	for _, c := range g.transports.byKey {
		c.dial, c.transport.DialContext = dial, dial
	}
}
