//go:build unix

package gateway

import "syscall"

// canProbe reports whether a connection can be asked what has come without
// waiting for it.
const canProbe = true

// isSilent reports whether there is nothing to be read from a connection, not
// even its end. What there is, is lost.
func isSilent(conn syscall.RawConn) bool {
	var failure error
	err := conn.Read(func(fd uintptr) bool {
		var b [1]byte
		for {
			if _, failure = syscall.Read(int(fd), b[:]); failure != syscall.EINTR {
				return true
			}
		}
	})
	return err == nil && failure == syscall.EAGAIN // also EWOULDBLOCK
}
