// Command echo puts Corsac in front of Echo.
//
//	go run ./echo
//
// See ../servemux for the page that may read it.
package main

import (
	"fmt"
	"log"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/examples/users"
)

func main() {
	handler, err := newHandler()
	if err != nil {
		log.Fatal(err)
	}
	// Not e.Start, which would serve the Echo without what stands around it.
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler))
}

// newHandler wraps the Echo, which is an http.Handler, so that every response is
// the policy's. e.Use(echo.WrapMiddleware(policy.Wrap)), before any other Use,
// comes close, but what e.Pre adds answers outside of it: redirects to another
// path, for example, preflights included. A group's Use covers what is below the
// group's path, and not the 404 beside it.
func newHandler() (http.Handler, error) {
	policy, err := corsac.New(corsac.Rule{
		Origins: []string{"http://localhost:3000"},
		Methods: []string{"PUT"},
		Headers: []string{"Authorization", "Content-Type", "ItemsPerPage", "PageNumber"},
		Expose:  []string{"TotalItemsCount"},
		MaxAge:  2 * time.Hour,
	})
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.Use(middleware.Recover())
	api := e.Group("/users", authenticated)
	api.POST("", listUsers)
	api.PUT("/:id", func(c *echo.Context) error { return c.NoContent(http.StatusNoContent) })
	e.GET("/events", streamEvents)
	return policy.Wrap(e), nil
}

// authenticated never sees a preflight, which comes without the token: the
// policy stands outside of it and has answered.
func authenticated(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		if c.Request().Header.Get("Authorization") != "Bearer secret" {
			return echo.NewHTTPError(http.StatusUnauthorized, "who are you?")
		}
		return next(c)
	}
}

func listUsers(c *echo.Context) error {
	h := c.Request().Header
	list, err := users.Page(h.Get("ItemsPerPage"), h.Get("PageNumber"))
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest, err.Error())
	}
	c.Response().Header().Set("TotalItemsCount", strconv.Itoa(users.Total))
	return c.JSON(http.StatusOK, list)
}

// streamEvents tells the time until the client has had enough.
func streamEvents(c *echo.Context) error {
	w := c.Response()
	w.Header().Set("Content-Type", "text/event-stream")
	tick := time.NewTicker(time.Second / 4)
	defer tick.Stop()
	for {
		fmt.Fprintf(w, "data: %s\n\n", time.Now().Format(time.RFC3339))
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-c.Request().Context().Done():
			return nil
		}
	}
}
