package schemas

import (
	"testing"

	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/cors/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	manager "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"github.com/goccy/go-yaml"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/corsac-cors/corsac/export"
	"github.com/corsac-cors/corsac/internal/cases"
)

// TestEnvoy reads what is written as Envoy's control plane would, strictly, and
// has its types check it, filters inside included.
func TestEnvoy(t *testing.T) {
	t.Parallel()
	each(t, "envoy", func(t *testing.T, _ cases.Policy, e export.Export) {
		m := envoyManager(t, e)
		if err := m.ValidateAll(); err != nil {
			t.Error(err)
		}
		if len(m.GetHttpFilters()) != 2 || len(m.GetRouteConfig().GetVirtualHosts()) == 0 {
			t.Error("something is missing")
		}
		for _, filter := range m.GetHttpFilters() {
			checkAny(t, filter.GetTypedConfig())
		}
		for _, host := range m.GetRouteConfig().GetVirtualHosts() {
			for _, route := range host.GetRoutes() {
				for _, config := range route.GetTypedPerFilterConfig() {
					checkAny(t, config)
				}
			}
		}
	})
}

func envoyManager(t *testing.T, e export.Export) *manager.HttpConnectionManager {
	t.Helper()
	text, err := yaml.YAMLToJSON([]byte(e.Text()))
	if err != nil {
		t.Fatal(err)
	}
	var m manager.HttpConnectionManager
	if err := protojson.Unmarshal(text, &m); err != nil {
		t.Fatalf("%v\n%s", err, e.Text())
	}
	m.StatPrefix = "api"
	return &m
}

func checkAny(t *testing.T, config *anypb.Any) {
	t.Helper()
	message, err := config.UnmarshalNew()
	if err != nil {
		t.Fatal(err)
	}
	if err := message.(interface{ ValidateAll() error }).ValidateAll(); err != nil {
		t.Error(err)
	}
}
