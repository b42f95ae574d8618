package origins_test

import (
	"testing"

	"github.com/corsac-cors/corsac/internal/origins"
)

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "localhost.": true, "api.localhost": true, "api.localhost.": true,
		"127.0.0.1": true, "127.1.2.3": true, "[::1]": true, "::1": true,
		"127.example.com": false, "localhost.example": false, "mylocalhost": false,
		"10.0.0.1": false, "0.0.0.0": false, "[::2]": false, "": false, ".": false,
	} {
		if got := origins.IsLoopback(host); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
}
