// Command bench measures Corsac beside its peers, and prints tables:
//
//	go run ./bench               middlewares, and long lists of origins
//	go run ./bench -preflights   how many preflights a real browser sends
//	go run ./bench -gateway      the gateway beside nginx
//	go run ./bench -fetch        the browser's half beside Chromium, and explain
//	go run ./bench -all -markdown > bench/RESULTS.md
//
// It only runs bench/peers, which is a module of its own. RESULTS.md has the
// last outcome.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

func main() {
	_, here, _, _ := runtime.Caller(0)
	peers := exec.Command("go", append([]string{"run", "."}, os.Args[1:]...)...)
	peers.Dir = filepath.Join(filepath.Dir(here), "peers")
	peers.Stdin, peers.Stdout, peers.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := peers.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		os.Exit(exit.ExitCode())
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
