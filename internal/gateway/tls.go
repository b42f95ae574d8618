package gateway

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/corsac-cors/corsac/policyfile"
)

// certificate reads the certificate that a configuration asks for, or nil. It
// is part of the runtime: a reload replaces it for new connections.
func (g *Gateway) certificate(c policyfile.Gateway) (*tls.Certificate, error) {
	switch {
	case !c.TLS.Enabled():
		return nil, nil
	case c.TLS.SelfSigned:
		return g.selfSigned(c.Listen)
	}
	cert, err := tls.LoadX509KeyPair(c.TLS.Cert, c.TLS.Key)
	if err != nil {
		return nil, fmt.Errorf("certificate %q and key %q: %w", c.TLS.Cert, c.TLS.Key, err)
	}
	return &cert, nil
}

// selfSigned stays the same through reloads, so that what a developer told the
// browser to accept stays accepted.
func (g *Gateway) selfSigned(listen string) (*tls.Certificate, error) {
	if rt := g.runtime.Load(); rt != nil && rt.certificate != nil && rt.gateway.TLS.SelfSigned {
		return rt.certificate, nil
	}
	return newSelfSigned(listen)
}

// newSelfSigned makes a certificate for this machine's own names and the host
// listened on. Neither it nor its key leaves the process.
func newSelfSigned(listen string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	names := []string{"localhost", "127.0.0.1", "::1"}
	if host, _, err := net.SplitHostPort(listen); err == nil && host != "" && !slices.Contains(names, host) {
		names = append(names, host)
	}
	now := time.Now()
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "corsac on this machine"},
		NotBefore:   now.Add(-time.Hour),
		NotAfter:    now.AddDate(0, 3, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if a, err := netip.ParseAddr(name); err == nil {
			template.IPAddresses = append(template.IPAddresses, a.AsSlice())
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// tlsConfig takes each connection's certificate from the runtime.
func (g *Gateway) tlsConfig() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			if c := g.runtime.Load().certificate; c != nil {
				return c, nil
			}
			return nil, errors.New("the configuration has lost its certificate")
		},
	}
}
