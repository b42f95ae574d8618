package gateway

import "github.com/corsac-cors/corsac/policyfile"

// Reload replaces the configuration for the requests that come from now on. If
// it is wrong, the old one stays. What only a new start can change is logged.
func (g *Gateway) Reload(c Config) error {
	err := g.replace(c)
	g.metrics.reloaded(err)
	return err
}

func (g *Gateway) replace(c Config) error {
	g.reloading.Lock()
	defer g.reloading.Unlock()
	rt, err := g.newRuntime(c)
	if err != nil {
		return err
	}
	g.runtime.Store(rt)
	g.transports.keep(rt.routes)
	g.warnOfRestart(c.Gateway)
	return nil
}

// warnOfRestart tells what has changed in the file and not in the gateway.
func (g *Gateway) warnOfRestart(now policyfile.Gateway) {
	was := g.first
	for _, c := range []struct {
		key     string
		changed bool
	}{
		{"gateway.listen", was.Listen != now.Listen},
		{"gateway.admin", was.Admin != now.Admin},
		{"gateway.pprof", was.Pprof != now.Pprof},
		{"gateway.tls", was.TLS.Enabled() != now.TLS.Enabled()},
		{"gateway.log.format", was.Log.Format != now.Log.Format},
		{"gateway.log.level", was.Log.Level != now.Log.Level},
		{"gateway.timeouts.header", was.Timeouts.Header != now.Timeouts.Header},
		{"gateway.timeouts.idle", was.Timeouts.Idle != now.Timeouts.Idle},
		{"gateway.limits.header", was.Limits.Header != now.Limits.Header},
		{"gateway.limits.connections", was.Limits.Connections != now.Limits.Connections},
	} {
		if c.changed {
			g.log.Warn("the change takes effect at the next start", "key", c.key)
		}
	}
}
