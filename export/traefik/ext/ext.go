// Package ext has the place-holders for extensions of Traefik's configuration.
// It is a module of its own in Traefik's repository, which no module proxy has.
package ext

type (
	// HTTP extends the configuration of HTTP.
	HTTP struct{}
	// Router extends a router.
	Router struct{}
	// RouterIng extends a router of an Ingress.
	RouterIng struct{}
)

// ToRouter is the router of an Ingress as any other.
func (RouterIng) ToRouter() Router { return Router{} }
