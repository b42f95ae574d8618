//go:build !unix

package gateway

import "syscall"

const canProbe = false

func isSilent(syscall.RawConn) bool { return false }
