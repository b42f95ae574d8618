package methods_test

import (
	"testing"

	"github.com/corsac-cors/corsac/internal/methods"
)

func TestMethods(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method                                    string
		isMethod, forbidden, safelisted, readOnly bool
		normalized                                string
	}{
		{"GET", true, false, true, true, "GET"},
		{"get", true, false, false, false, "GET"},
		{"HEAD", true, false, true, true, "HEAD"},
		{"POST", true, false, true, false, "POST"},
		{"PUT", true, false, false, false, "PUT"},
		{"options", true, false, false, false, "OPTIONS"},
		{"OPTIONS", true, false, false, true, "OPTIONS"},
		{"Delete", true, false, false, false, "DELETE"},
		{"patch", true, false, false, false, "patch"},
		{"PATCH", true, false, false, false, "PATCH"},
		{"connect", true, true, false, false, "connect"},
		{"TRACE", true, true, false, true, "TRACE"},
		{"Track", true, true, false, false, "Track"},
		{"CHICKEN", true, false, false, false, "CHICKEN"},
		{"", false, false, false, false, ""},
		{"P T", false, false, false, false, "P T"},
		{"PÖST", false, false, false, false, "PÖST"},
		{"GET\n", false, false, false, false, "GET\n"},
	}
	for _, tt := range tests {
		t.Run(tt.method, func(t *testing.T) {
			t.Parallel()
			check := func(name string, got, want bool) {
				if got != want {
					t.Errorf("%s(%q) = %v, want %v", name, tt.method, got, want)
				}
			}
			check("IsMethod", methods.IsMethod(tt.method), tt.isMethod)
			check("IsForbidden", methods.IsForbidden(tt.method), tt.forbidden)
			check("IsSafelisted", methods.IsSafelisted(tt.method), tt.safelisted)
			check("IsSafe", methods.IsSafe(tt.method), tt.readOnly)
			if got := methods.Normalize(tt.method); got != tt.normalized {
				t.Errorf("Normalize(%q) = %q, want %q", tt.method, got, tt.normalized)
			}
		})
	}
}
