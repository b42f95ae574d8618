package demo

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
)

// OpenBrowser shows the URL in the person's browser, if there seems to be one. It does not wait for it.
func OpenBrowser(url string) error {
	command := opener(runtime.GOOS, os.Getenv)
	if command == nil {
		return errors.New("there is no screen here")
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return errors.New("no browser was found")
	}
	cmd := exec.Command(path, append(command[1:], url)...)
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	// Waiting for it could be waiting for the browser's end.
	return cmd.Process.Release()
}

// opener is the command that shows a URL, or nil where nobody would see it.
func opener(system string, getenv func(string) string) []string {
	switch system {
	case "darwin":
		return []string{"open"}
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler"}
	}
	if getenv("DISPLAY") == "" && getenv("WAYLAND_DISPLAY") == "" {
		return nil
	}
	return []string{"xdg-open"}
}
