package main

import (
	"net"
	"testing"
)

func TestIsSelf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		upstream, listen string
		want             bool
	}{
		{"http://127.0.0.1:8080", "127.0.0.1:8080", true},
		{"http://localhost:8080/v1", "127.0.0.1:8080", true},
		{"http://127.0.0.1:8080", "localhost:8080", true},
		{"http://localhost:8080", ":8080", true},
		{"h2c://[::1]:8080", "0.0.0.0:8080", true},
		{"http://[::1]:8080", "[::1]:8080", true},
		{"http://localhost", ":80", true},
		{"https://localhost", "127.0.0.1:443", true},
		{"http://api.example.com:8080", "api.example.com:8080", true},
		{"http://localhost:8081", "127.0.0.1:8080", false},
		{"http://[::1]:8080", "127.0.0.1:8080", false},
		{"http://api.example.com:8080", ":8080", false},
		{"http://api.example.com:8080", "127.0.0.1:8080", false},
		{"http://10.0.0.1:8080", "10.0.0.2:8080", false},
		{"https://localhost", ":80", false},
		{"http://localhost:0", "127.0.0.1:0", false},
		{"", "127.0.0.1:8080", false},
		{"http://localhost:8080", "nowhere", false},
	} {
		if got := isSelf(tt.upstream, tt.listen); got != tt.want {
			t.Errorf("isSelf(%q, %q) = %v", tt.upstream, tt.listen, got)
		}
	}
}

func TestBesidePage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ page, listen, want string }{
		{"http://localhost:3000", "127.0.0.1:8080", "localhost:8080"},
		{"http://127.0.0.1:3000", "127.0.0.1:8080", "127.0.0.1:8080"},
		{"http://localhost:3000", "[::]:8080", "localhost:8080"},
		{"http://127.0.0.1:3000", "[::]:8080", "127.0.0.1:8080"},
		{"http://[::1]:3000", "[::1]:8080", "[::1]:8080"},
		{"http://localhost:3000", "[::1]:8080", "localhost:8080"},
		{"http://127.0.0.1:3000", "127.0.0.2:8080", "127.0.0.2:8080"},
		{"http://localhost:3000", "127.0.0.2:8080", "127.0.0.2:8080"},
		{"http://[::1]:3000", "127.0.0.1:8080", "127.0.0.1:8080"},
		{"http://localhost:*", "127.0.0.1:8080", "localhost:8080"},
		{"https://app.example.com", "127.0.0.1:8080", "127.0.0.1:8080"},
		{"https://app.example.com", "[::]:8080", "localhost:8080"},
		{"*", "127.0.0.1:8080", "127.0.0.1:8080"},
	} {
		a, err := net.ResolveTCPAddr("tcp", tt.listen)
		if err != nil {
			t.Fatal(err)
		}
		if got := besidePage(tt.page, a); got != tt.want {
			t.Errorf("a page of %s calls %s at %s, want %s", tt.page, tt.listen, got, tt.want)
		}
	}
}
