package demo

import (
	"strings"
	"time"
)

// A User as the API shows one.
type User struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Email   string `json:"email"`
	City    string `json:"city"`
	Country string `json:"country"`
	Joined  string `json:"joined"` // a day, 2021-03-14
}

// Generated is how many users a fresh database has.
const Generated = 1000

// generate returns the users of a fresh database: nobody real, and the same on every machine, so that a
// test, a screenshot and a document can name them.
func generate() []User {
	users := make([]User, Generated)
	joined := time.Date(2017, time.March, 14, 0, 0, 0, 0, time.UTC)
	for i := range users {
		users[i] = person(i)
		users[i].Joined = joined.Format(time.DateOnly)
		joined = joined.AddDate(0, 0, 1+i*i%6) // ids and days ascend together, as they do in life
	}
	return users
}

// domains are reserved for examples, nobody gets mail there: https://www.rfc-editor.org/rfc/rfc2606
var domains = []string{"example.com", "example.org", "example.net"}

// person i is of a country in turn, of a given and a family name whose lengths (14 and 11) have no
// common divisor, so that no pair returns before all have been, and of some city.
func person(i int) User {
	c := countries[i%len(countries)]
	turn := i / len(countries)
	given, mailGiven := spelled(pick(c.given, turn*5+i))
	family, mailFamily := spelled(pick(c.family, turn*3+i))
	return User{
		ID:      int64(i + 1),
		Name:    given + " " + family,
		Email:   mailGiven + "." + mailFamily + "@" + domains[turn%len(domains)],
		City:    pick(c.cities, turn*2+i),
		Country: c.name,
	}
}

func pick(list string, i int) string {
	entries := strings.Split(list, ",")
	return entries[i%len(entries)]
}
