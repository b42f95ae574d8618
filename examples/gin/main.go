// Command gin puts Corsac in front of a gin engine.
//
//	go run ./gin
//
// See ../servemux for the page that may read it.
package main

import (
	"io"
	"log"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/examples/users"
)

func main() {
	gin.SetMode(gin.ReleaseMode)
	handler, err := newHandler()
	if err != nil {
		log.Fatal(err)
	}
	// Not engine.Run, which would serve the engine without what stands around it.
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler))
}

// newHandler wraps the engine, which is an http.Handler. A gin middleware is no
// http.Handler: it has no end that a net/http middleware could wrap, gin's
// writer sends the head when gin likes, and a group's middleware does not run
// for preflights, because no route matches OPTIONS. Around the engine the
// policy answers them all, and covers gin's 404, and the 500 of its Recovery.
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
	engine := gin.New()
	engine.Use(gin.Recovery())
	api := engine.Group("/users", authenticated)
	api.POST("", listUsers)
	api.PUT("/:id", func(c *gin.Context) { c.Status(http.StatusNoContent) })
	engine.GET("/events", streamEvents)
	return policy.Wrap(engine), nil
}

// authenticated never sees a preflight, which comes without the token: the
// policy stands outside of it and has answered.
func authenticated(c *gin.Context) {
	if c.GetHeader("Authorization") != "Bearer secret" {
		c.AbortWithStatusJSON(http.StatusUnauthorized, gin.H{"error": "who are you?"})
	}
}

func listUsers(c *gin.Context) {
	list, err := users.Page(c.GetHeader("ItemsPerPage"), c.GetHeader("PageNumber"))
	if err != nil {
		c.AbortWithStatusJSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	c.Header("TotalItemsCount", strconv.Itoa(users.Total))
	c.JSON(http.StatusOK, list)
}

// streamEvents tells the time until the client has had enough.
func streamEvents(c *gin.Context) {
	tick := time.NewTicker(time.Second / 4)
	defer tick.Stop()
	c.Stream(func(io.Writer) bool {
		c.SSEvent("", time.Now().Format(time.RFC3339))
		c.Writer.Flush()
		select {
		case <-tick.C:
			return true
		case <-c.Request.Context().Done():
			return false
		}
	})
}
