package demo

import (
	_ "embed"
	"strconv"
	"strings"

	"github.com/corsac-cors/corsac/internal/gateway"
	"github.com/corsac-cors/corsac/policyfile"
)

// The file is a whole corsac.yaml, for the demo's default addresses.
//
//go:embed corsac.yaml
var policyText string

// policyFor is corsac.yaml with the addresses that the servers have.
func policyFor(frontEnd, gateway, api string) string {
	if strings.HasPrefix(gateway, "[") {
		gateway = strconv.Quote(gateway) // else YAML would see a list
	}
	return strings.NewReplacer(
		"http://127.0.0.1:3000", frontEnd,
		"http://127.0.0.1:8081", api,
		"127.0.0.1:8080", gateway,
	).Replace(policyText)
}

// newGateway is Corsac in front of the API, as the policy says.
func newGateway(policy string) (*gateway.Gateway, error) {
	file, err := policyfile.Parse("corsac.yaml", []byte(policy))
	if err != nil {
		return nil, err
	}
	file.Gateway.Timeouts.Shutdown = grace // whoever ends the demo does not want to wait
	return gateway.New(gateway.Config{Policy: file.Policy, Gateway: file.Gateway})
}
