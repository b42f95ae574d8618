//go:build !unix

package lab

import (
	"context"
	"errors"
)

type process struct {
	out    output
	exited chan struct{}
	close  func()
}

// The lab stands on process groups, so its tests are skipped elsewhere with this error.
func start(context.Context, string, []string, func(string) ([]string, error)) (*process, error) {
	return nil, errors.ErrUnsupported
}
