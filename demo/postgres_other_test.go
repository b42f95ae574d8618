//go:build !linux

package demo

import "testing"

type postgresServer struct{}

func postgres(t *testing.T) *postgresServer {
	t.Skip("the tests start PostgreSQL on Linux only")
	return nil
}

func (*postgresServer) database(*testing.T) string { return "" }
