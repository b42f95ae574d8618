package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	gincors "github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	chicors "github.com/go-chi/cors"
	"github.com/gorilla/handlers"
	jub0bs "github.com/jub0bs/cors"
	rscors "github.com/rs/cors"

	"github.com/corsac-cors/corsac"
)

// A peer is a way to put a policy into force in front of a handler.
type peer struct {
	name   string
	module string // "" where there is none to name
	wrap   func(p policy, maxAge time.Duration, next http.Handler) (http.Handler, error)
	// bare is the same without the policy, which its time is held against:
	// next itself where it is nil.
	bare func(next http.Handler) http.Handler
	note string
}

const (
	ours  = "corsac"
	rival = "jub0bs"
)

var peers = []peer{
	{name: ours, module: "github.com/corsac-cors/corsac", wrap: wrapCorsac},
	{name: rival, module: "github.com/jub0bs/cors", wrap: wrapJub0bs},
	{name: "rs", module: "github.com/rs/cors", wrap: wrapRS,
		note: "a star stands for any characters, not for labels"},
	{name: "chi", module: "github.com/go-chi/cors", wrap: wrapChi,
		note: "a star stands for any characters, not for labels; it allows Origin besides the headers listed"},
	{name: "gorilla", module: "github.com/gorilla/handlers", wrap: wrapGorilla,
		note: "it has no wildcards: lists that have some are a function of ours that goes through them"},
	{name: "gin", module: "github.com/gin-contrib/cors", wrap: wrapGin, bare: bareGin,
		note: "held against a bare gin engine; a star stands for any characters, not for labels; other origins get 403 and never reach the handler"},
}

func wrapCorsac(p policy, maxAge time.Duration, next http.Handler) (http.Handler, error) {
	c, err := corsac.New(corsac.Rule{Origins: p.origins, Methods: p.methods, Headers: p.headers, MaxAge: maxAge})
	if err != nil {
		return nil, err
	}
	return c.Wrap(next), nil
}

func wrapJub0bs(p policy, maxAge time.Duration, next http.Handler) (http.Handler, error) {
	m, err := jub0bs.NewMiddleware(jub0bs.Config{
		Origins:         p.origins,
		Methods:         p.methods,
		RequestHeaders:  p.headers,
		MaxAgeInSeconds: int(maxAge.Seconds()),
		// The lab's pages have no certificate.
		DangerouslyTolerateInsecureOrigins: true,
	})
	if err != nil {
		return nil, err
	}
	return m.Wrap(next), nil
}

func wrapRS(p policy, maxAge time.Duration, next http.Handler) (http.Handler, error) {
	return rscors.New(rscors.Options{
		AllowedOrigins: p.origins,
		AllowedMethods: withSafelisted(p.methods),
		AllowedHeaders: p.headers,
		MaxAge:         int(maxAge.Seconds()),
	}).Handler(next), nil
}

func wrapChi(p policy, maxAge time.Duration, next http.Handler) (http.Handler, error) {
	return chicors.Handler(chicors.Options{
		AllowedOrigins: p.origins,
		AllowedMethods: withSafelisted(p.methods),
		AllowedHeaders: p.headers,
		MaxAge:         int(maxAge.Seconds()),
	})(next), nil
}

func wrapGorilla(p policy, maxAge time.Duration, next http.Handler) (http.Handler, error) {
	options := []handlers.CORSOption{
		handlers.AllowedMethods(withSafelisted(p.methods)),
		handlers.AllowedHeaders(p.headers),
		handlers.AllowedOrigins(p.origins),
	}
	if maxAge > 0 {
		options = append(options, handlers.MaxAge(int(maxAge.Seconds())))
	}
	if hasWildcard(p.origins) {
		options = append(options, handlers.AllowedOriginValidator(func(origin string) bool { return listed(p.origins, origin) }))
	}
	return handlers.CORS(options...)(next), nil
}

func wrapGin(p policy, maxAge time.Duration, next http.Handler) (http.Handler, error) {
	config := gincors.Config{
		AllowOrigins:  p.origins,
		AllowMethods:  p.methods,
		AllowHeaders:  p.headers,
		MaxAge:        maxAge,
		AllowWildcard: hasWildcard(p.origins),
	}
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return ginEngine(next, gincors.New(config)), nil
}

func bareGin(next http.Handler) http.Handler { return ginEngine(next) }

func ginEngine(next http.Handler, middleware ...gin.HandlerFunc) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(middleware...)
	engine.Any("/*path", gin.WrapH(next))
	return engine
}

// withSafelisted is the list of methods as those write it who take it for the
// methods of all requests, not for those that need permission.
func withSafelisted(methods []string) []string {
	return append([]string{http.MethodGet, http.MethodHead, http.MethodPost}, methods...)
}

func hasWildcard(origins []string) bool {
	for _, o := range origins {
		if strings.Contains(o, "*.") {
			return true
		}
	}
	return false
}

// listed is the plain reading of a list with wildcards, as somebody would write
// it by hand.
func listed(origins []string, origin string) bool {
	for _, o := range origins {
		scheme, domain, wildcard := strings.Cut(o, "*")
		if o == origin || wildcard && strings.HasPrefix(origin, scheme) && strings.HasSuffix(origin, domain) {
			return true
		}
	}
	return false
}

// handlerOf returns the handler that the peer makes for a case, and the one
// that its time is held against.
func (p *peer) handlerOf(c *benchCase, next http.Handler) (wrapped, bare http.Handler, err error) {
	wrapped, err = p.wrap(c.policy, 0, next)
	if err != nil {
		return nil, nil, fmt.Errorf("%s, %s: %w", p.name, c.name, err)
	}
	bare = next
	if p.bare != nil {
		bare = p.bare(next)
	}
	return wrapped, bare, nil
}
