package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/policyfile"
)

// TestLogLevels: what is below the level is not logged, and nothing else is left
// out.
func TestLogLevels(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		level string
		want  []string
	}{
		{"debug", []string{"DEBUG", "INFO", "WARN", "ERROR"}},
		{"info", []string{"INFO", "WARN", "ERROR"}},
		{"warn", []string{"WARN", "ERROR"}},
		{"error", []string{"ERROR"}},
	} {
		for format, label := range map[string]string{"text": "level=", "json": `"level":"`} {
			var text bytes.Buffer
			log := newLog(&text, policyfile.Log{Format: format, Level: tt.level})
			for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
				log.Log(t.Context(), level, "x")
			}
			for _, level := range tt.want {
				if !strings.Contains(text.String(), label+level) {
					t.Errorf("%s as %s: nothing of %s: %s", tt.level, format, level, &text)
				}
			}
			if n := strings.Count(text.String(), "\n"); n != len(tt.want) {
				t.Errorf("%s as %s: %d lines: %s", tt.level, format, n, &text)
			}
		}
	}
}

// TestServeHalfNameless: half of a pair without a name would serve without TLS,
// too.
func TestServeHalfNameless(t *testing.T) {
	t.Parallel()
	good := putIn(t, t.TempDir())("good.yaml", "rules: []\n")
	for _, flag := range []string{"--tls-cert", "--tls-key"} {
		var stdout, stderr bytes.Buffer
		ctx, stop := context.WithTimeout(t.Context(), patience)
		defer stop()
		if code := run(ctx, []string{"serve", good, flag, ""}, strings.NewReader(""), &stdout, &stderr); code != exitMisuse {
			t.Errorf("%s: it ended with %d: %s", flag, code, &stderr)
		}
	}
}
