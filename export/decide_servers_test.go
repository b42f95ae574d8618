package export

import (
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

func TestDecisions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		target     Target
		start      start
		components []string
	}{
		{"apache", apache, startApache, []string{"apache"}},
		{"htaccess", htaccess, startHtaccess, []string{"apache"}},
		{"php", php, startPHP, []string{"php"}},
		{"php in apache", php, startPHPModule, []string{"apache", "php-apache"}},
		{"nginx", nginx, startNginx, []string{"nginx"}},
		{"caddy", caddy, startCaddy, []string{"caddy"}},
		{"haproxy", haproxy, startHAProxy, []string{"haproxy"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			lab.Need(t, c.components...)
			proveDecisions(t, c.target, c.start)
		})
	}
}
