package main

import (
	"testing"

	"github.com/corsac-cors/corsac/examples/internal/scene"
)

func TestScene(t *testing.T) {
	t.Parallel()
	handler, err := newHandler()
	scene.Play(t, handler, err)
}
