// Package users is what the API of the examples serves.
package users

import (
	"fmt"
	"strconv"
)

// A User is one of the many.
type User struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// Total is how many there are.
const Total = 95

// Page returns the users of a page. Both arguments are request headers: how
// many users a page has, and which one it is, counted from 1.
func Page(itemsPerPage, pageNumber string) ([]User, error) {
	items, err := positive("ItemsPerPage", itemsPerPage, 10)
	if err != nil {
		return nil, err
	}
	page, err := positive("PageNumber", pageNumber, 1)
	if err != nil {
		return nil, err
	}
	list := []User{}
	for id := (page-1)*items + 1; id <= min(page*items, Total); id++ {
		list = append(list, User{ID: id, Name: fmt.Sprintf("User %d", id)})
	}
	return list, nil
}

func positive(name, value string, otherwise int) (int, error) {
	if value == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > Total {
		return 0, fmt.Errorf("%s is %q, and not a number from 1 to %d", name, value, Total)
	}
	return n, nil
}
