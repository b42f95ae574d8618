package users_test

import (
	"testing"

	"github.com/corsac-cors/corsac/examples/users"
)

func TestPage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, items, page string
		first, count      int
	}{
		{"by default", "", "", 1, 10},
		{"second page", "20", "2", 21, 20},
		{"last page is shorter", "10", "10", 91, 5},
		{"behind the last", "50", "3", 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list, err := users.Page(tt.items, tt.page)
			if err != nil || len(list) != tt.count || tt.count > 0 && list[0].ID != tt.first {
				t.Errorf("Page(%q, %q) = %v, %v", tt.items, tt.page, list, err)
			}
		})
	}
	for _, bad := range []string{"0", "-1", "ten", "96", "99999999999999999999"} {
		if _, err := users.Page(bad, ""); err == nil {
			t.Errorf("Page(%q) has no error", bad)
		}
	}
}
