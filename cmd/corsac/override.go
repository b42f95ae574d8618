package main

import "github.com/corsac-cors/corsac/policyfile"

// overrides are the flags that were given and win over the file.
func (s *serving) overrides() []policyfile.Override {
	var given []policyfile.Override
	for flag, o := range map[string]policyfile.Override{
		"listen":     {Path: "gateway.listen", Set: func(g *policyfile.Gateway) { g.Listen = s.flags.Listen }},
		"hosts":      {Path: "gateway.hosts", Set: func(g *policyfile.Gateway) { g.Hosts = s.flags.Hosts }},
		"admin":      {Path: "gateway.admin", Set: func(g *policyfile.Gateway) { g.Admin = s.flags.Admin }},
		"pprof":      {Path: "gateway.pprof", Set: func(g *policyfile.Gateway) { g.Pprof = s.flags.Pprof }},
		"log-format": {Path: "gateway.log.format", Set: func(g *policyfile.Gateway) { g.Log.Format = s.flags.Log.Format }},
		"log-level":  {Path: "gateway.log.level", Set: func(g *policyfile.Gateway) { g.Log.Level = s.flags.Log.Level }},
	} {
		if s.changed(flag) {
			given = append(given, o)
		}
	}
	if s.tlsByFlags() {
		given = append(given, policyfile.Override{Path: "gateway.tls", Set: s.overrideTLS})
	}
	return given
}

// overrideTLS completes the pair of files, or exchanges it for a certificate
// made for the run, or that for the pair.
func (s *serving) overrideTLS(g *policyfile.Gateway) {
	if g.TLS.SelfSigned = s.flags.TLS.SelfSigned; g.TLS.SelfSigned {
		g.TLS.Cert, g.TLS.Key = "", ""
	}
	if s.changed("tls-cert") {
		g.TLS.Cert = s.flags.TLS.Cert
	}
	if s.changed("tls-key") {
		g.TLS.Key = s.flags.TLS.Key
	}
}

func (s *serving) tlsByFlags() bool {
	return s.changed("tls-cert") || s.changed("tls-key") || s.changed("tls-self-signed")
}
