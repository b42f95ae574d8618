package survey

import (
	"context"
	"slices"
)

// expressOptions are those of the package cors, with its defaults.
type expressOptions struct {
	off      bool
	fixed    string // one value for everybody, "*" included
	matchers []matcher
	// byFunction: whom the function refuses is answered as if there were no
	// middleware at all.
	byFunction bool

	methods, headers, expose, maxAge string
	credentials, continues           bool
	mirrors                          bool // without a list, whatever headers are asked for are allowed
	status                           int

	originAt, methodsAt, headersAt, exposeAt, credentialsAt, maxAgeAt spot
}

func defaultExpressOptions() *expressOptions {
	return &expressOptions{fixed: "*", methods: "GET,HEAD,PUT,PATCH,POST,DELETE", status: 204, mirrors: true}
}

// expressModel answers as Express would at one path.
type expressModel struct {
	routes, preflights *expressOptions
	at                 spot
}

// mount puts the middleware into force for a verb.
func (m *expressModel) mount(verb string, o *expressOptions) {
	if verb != "options" && m.routes == nil {
		m.routes = o
	}
	if (verb == "options" || verb == "use" || verb == "all") && m.preflights == nil {
		m.preflights = o
	}
}

func (m *expressModel) ask(_ context.Context, r request) answer {
	o := m.routes
	if r.method == "OPTIONS" {
		o = m.preflights
	}
	a := answer{status: 200}
	if r.fails {
		a.status = 404
	}
	if o == nil || o.off || o.byFunction && !o.allows(r.origin) {
		return a
	}
	add := func(name, value string, at spot) {
		if value != "" {
			a.fields = append(a.fields, field{name, value, at})
		}
	}
	o.allowOrigin(r.origin, add)
	if o.credentials {
		add(allowCredentials, "true", o.credentialsAt)
	}
	add(exposeHeaders, o.expose, o.exposeAt)
	if r.method != "OPTIONS" {
		return a
	}
	add(allowMethods, o.methods, o.methodsAt)
	if add(allowHeaders, o.headers, o.headersAt); o.mirrors {
		add(allowHeaders, r.wantsHeaders, o.originAt)
		add("Vary", "Access-Control-Request-Headers", o.originAt)
	}
	add(maxAge, o.maxAge, o.maxAgeAt)
	if !o.continues {
		a.status, a.own = o.status, true
	}
	return a
}

func (o *expressOptions) allows(origin string) bool {
	return slices.ContainsFunc(o.matchers, func(m matcher) bool { return m(origin) })
}

func (o *expressOptions) allowOrigin(origin string, add func(name, value string, at spot)) {
	switch {
	case o.fixed == "*":
		add(allowOrigin, "*", o.originAt)
		return
	case o.fixed != "":
		add(allowOrigin, o.fixed, o.originAt)
	case o.allows(origin):
		add(allowOrigin, origin, o.originAt)
	}
	add("Vary", "Origin", o.originAt)
}
