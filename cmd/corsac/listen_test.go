package main

import "testing"

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
