package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// A machine is what the numbers depend on besides the code.
type machine struct {
	Date     string
	CPU      string
	Cores    int
	System   string
	Go       string
	Load     string            // of the last minute, when it began: how much else there was to do
	Versions map[string]string // of the peers' modules
}

func describe() machine {
	m := machine{
		Date:     time.Now().Format(time.DateOnly),
		CPU:      firstLine("/proc/cpuinfo", "model name"),
		Cores:    runtime.NumCPU(),
		System:   runtime.GOOS + "/" + runtime.GOARCH,
		Go:       runtime.Version(),
		Load:     loadAverage(),
		Versions: make(map[string]string),
	}
	build, _ := debug.ReadBuildInfo()
	for _, p := range peers {
		m.Versions[p.module] = version(build, p.module)
	}
	return m
}

func (m machine) lines() []string {
	lines := []string{
		fmt.Sprintf("%s, %s, %d cores (%s), %s; load average %s when it began.", m.Date, m.CPU, m.Cores, m.System, m.Go, m.Load),
	}
	var versions []string
	for _, p := range peers {
		versions = append(versions, p.module+" "+m.Versions[p.module])
	}
	return append(lines, strings.Join(versions, ", ")+".")
}

func version(build *debug.BuildInfo, module string) string {
	if build != nil {
		for _, d := range build.Deps {
			if d.Path == module && d.Replace == nil {
				return d.Version
			}
		}
	}
	return "(this checkout)"
}

func loadAverage() string {
	line, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	last, _, _ := strings.Cut(string(line), " ")
	return last
}

// firstLine returns the value of the first line of a file that begins with a key.
func firstLine(path, key string) string {
	f, err := os.Open(path)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if k, v, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}
