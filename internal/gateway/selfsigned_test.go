package gateway

import (
	"crypto/x509"
	"slices"
	"testing"
	"time"
)

// TestSelfSignedFor: browsers take the certificate, once told to, for this
// machine's names and for what is listened on, on clocks that are a little slow.
func TestSelfSignedFor(t *testing.T) {
	t.Parallel()
	own := []string{"localhost", "127.0.0.1", "::1"}
	for _, tt := range []struct {
		listen string
		names  []string
	}{
		{":8443", own},
		{"localhost:8443", own},
		{"[::1]:8443", own},
		{"api.local:8443", append([]string{"api.local"}, own...)},
		{"192.0.2.1:8443", append([]string{"192.0.2.1"}, own...)},
		{"nowhere", own},
	} {
		made, err := newSelfSigned(tt.listen)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(made.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range tt.names {
			if err := cert.VerifyHostname(name); err != nil {
				t.Errorf("%s: %v", tt.listen, err)
			}
		}
		if n := len(cert.DNSNames) + len(cert.IPAddresses); n != len(tt.names) || slices.Contains(cert.DNSNames, "") {
			t.Errorf("%s: it is for %q and %v", tt.listen, cert.DNSNames, cert.IPAddresses)
		}
		if now := time.Now(); now.Add(-50*time.Minute).Before(cert.NotBefore) || now.AddDate(0, 0, 80).After(cert.NotAfter) || now.AddDate(0, 0, 100).Before(cert.NotAfter) {
			t.Errorf("%s: it is valid from %s to %s", tt.listen, cert.NotBefore, cert.NotAfter)
		}
		if !slices.Equal(cert.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}) || cert.KeyUsage != x509.KeyUsageDigitalSignature || cert.Subject.CommonName != "corsac on this machine" {
			t.Errorf("%s: it is no server's: %+v", tt.listen, cert)
		}
	}
}
