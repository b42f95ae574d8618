package demo

import (
	"regexp"
	"slices"
	"testing"
	"time"
)

func TestGenerate(t *testing.T) {
	t.Parallel()
	users := generate()
	if len(users) != Generated {
		t.Fatalf("%d users, want %d", len(users), Generated)
	}
	if again := generate(); !slices.Equal(users, again) {
		t.Error("two runs generate different users")
	}
	mail := regexp.MustCompile(`^[a-z]+\.[a-z]+@example\.(com|org|net)$`)
	names, mails := map[string]bool{}, map[string]bool{}
	for i, u := range users {
		if u.ID != int64(i+1) {
			t.Fatalf("user %d has id %d", i, u.ID)
		}
		if !mail.MatchString(u.Email) {
			t.Errorf("%s: e-mail address %q", u.Name, u.Email)
		}
		if names[u.Name] || mails[u.Email] {
			t.Errorf("%s <%s> is there twice", u.Name, u.Email)
		}
		names[u.Name], mails[u.Email] = true, true
		if day, err := time.Parse(time.DateOnly, u.Joined); err != nil || day.Year() < 2017 || day.Year() > 2026 {
			t.Errorf("%s joined %q", u.Name, u.Joined)
		}
		if u.City == "" || u.Country == "" {
			t.Errorf("%s lives in %q, %q", u.Name, u.City, u.Country)
		}
	}
	// Documents and tests name these.
	if got, want := users[0], (User{1, "Amina Kipchoge", "amina.kipchoge@example.com", "Nairobi", "Kenya", "2017-03-14"}); got != want {
		t.Errorf("the first user is %+v, want %+v", got, want)
	}
}
