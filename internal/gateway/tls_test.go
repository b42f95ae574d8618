package gateway_test

import (
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/gateway"
	"github.com/corsac-cors/corsac/policyfile"
)

func TestBadCertificateHasItsPlace(t *testing.T) {
	t.Parallel()
	f, err := policyfile.Parse("corsac.yaml", []byte(`rules:
  - origins: https://app.example.com
gateway:
  upstream: http://localhost:8081
  tls: {cert: none.pem, key: none.pem}
`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = gateway.New(gateway.Config{Policy: f.Policy, Gateway: f.Gateway, File: f})
	if err == nil || !strings.HasPrefix(err.Error(), "corsac.yaml:5:") || !strings.Contains(err.Error(), "none.pem") {
		t.Errorf("%v", err)
	}
}
