package policyfile

// A Gateway is the section gateway: the reverse proxy of corsac serve.
type Gateway struct {
	Listen   string `yaml:"listen" jsonschema:"example=:8080" jsonschema_description:"The address that the gateway listens on."`
	Upstream string `yaml:"upstream" jsonschema:"example=http://localhost:8081" jsonschema_description:"The address of the API behind the gateway."`
}

// check fills in the defaults and reports what is wrong, each thing with its
// place, such as "gateway.listen", what to do, and what it is.
func (g *Gateway) check(problem func(path, hint, format string, args ...any)) {}
