// Command fiber puts Corsac in front of a Fiber app.
//
//	go run ./fiber
//
// See ../servemux for the page that may read it.
package main

import (
	"bufio"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	"github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/examples/users"
)

func main() {
	handler, err := newHandler()
	if err != nil {
		log.Fatal(err)
	}
	// Not app.Listen, which would serve the app without what stands around it.
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler))
}

// newHandler makes the app an http.Handler with adaptor.FiberApp, and wraps
// that. The other way round, app.Use(adaptor.HTTPMiddleware(policy.Wrap)), the
// adaptor calls the policy with a handler that does nothing, and the app's own
// handlers run when the policy has had its say: a handler that sets Vary takes
// the policy's away, and its Access-Control-Allow-Origin counts. Besides, the
// adaptor keeps but the last of two Origin lines. An app that only Fiber itself
// can serve is better off behind corsac serve.
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
	app := fiber.New()
	app.Use(recover.New())
	api := app.Group("/users", authenticated)
	api.Post("/", listUsers)
	api.Put("/:id", func(c fiber.Ctx) error { return c.SendStatus(http.StatusNoContent) })
	app.Get("/events", streamEvents)
	return policy.Wrap(adaptor.FiberApp(app)), nil
}

// authenticated never sees a preflight, which comes without the token: the
// policy stands outside of it and has answered.
func authenticated(c fiber.Ctx) error {
	if c.Get("Authorization") != "Bearer secret" {
		return fiber.NewError(http.StatusUnauthorized, "who are you?")
	}
	return c.Next()
}

func listUsers(c fiber.Ctx) error {
	list, err := users.Page(c.Get("ItemsPerPage"), c.Get("PageNumber"))
	if err != nil {
		return fiber.NewError(http.StatusBadRequest, err.Error())
	}
	c.Set("TotalItemsCount", strconv.Itoa(users.Total))
	return c.JSON(list)
}

// streamEvents tells the time. The adaptor does not tell a stream that the
// client has left, so it ends by itself; browsers open it again.
func streamEvents(c fiber.Ctx) error {
	c.Set("Content-Type", "text/event-stream")
	return c.SendStreamWriter(func(w *bufio.Writer) {
		for range 8 {
			fmt.Fprintf(w, "data: %s\n\n", time.Now().Format(time.RFC3339))
			if w.Flush() != nil {
				return
			}
			time.Sleep(time.Second / 4)
		}
	})
}
