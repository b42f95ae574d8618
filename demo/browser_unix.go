//go:build unix

package demo

import (
	"os/exec"
	"syscall"
)

// detach puts the command into a process group of its own: the Ctrl-C that ends the demo is not for the
// person's browser.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
