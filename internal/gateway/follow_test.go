package gateway

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/policyfile"
)

// TestPipesAreReadOnce: of <(…) in a shell, nothing is left after the start.
func TestPipesAreReadOnce(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.WriteString(w, "rules: []"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	f := &follower{name: fmt.Sprintf("/dev/fd/%d", r.Fd()), load: func() (Config, error) {
		t.Error("it is read again")
		return Config{}, io.EOF
	}}
	f.look()
	if data, err := io.ReadAll(r); string(data) != "rules: []" || err != nil {
		t.Errorf("in the pipe there is %q, %v", data, err)
	}
}

func TestUnchangedFilesAreNotReloaded(t *testing.T) {
	t.Parallel()
	name := t.TempDir() + "/corsac.yaml"
	write := func(text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a")
	loads := 0
	f := &follower{gateway: &Gateway{log: slog.New(slog.DiscardHandler), metrics: newMetrics("", nil)}, name: name, load: func() (Config, error) {
		loads++
		return Config{}, io.EOF
	}}
	for _, step := range []struct {
		name  string
		write string
		want  int
	}{
		{"at the start", "a", 1},
		{"later", "a", 1},
		{"half written", "b", 1},
		{"written", "bc", 1},
		{"settled", "bc", 2},
		{"written over with the same", "bc", 2},
		{"for a moment another", "d", 2},
		{"as before", "bc", 2},
	} {
		write(step.write)
		f.look()
		if loads != step.want {
			t.Errorf("%s: it was read %d times, want %d", step.name, loads, step.want)
		}
	}
}

// TestMarks: a file that looks the same need not be read, if it has been left
// alone for a while.
func TestMarks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	long := time.Now().Add(-time.Hour)
	made := func(name, text string, at time.Time) mark {
		file := dir + "/" + name
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
		return (&follower{name: file}).mark()[0]
	}
	left := made("corsac.yaml", "a", long)
	missing := (&follower{name: dir + "/none.yaml"}).mark()[0]
	for _, tt := range []struct {
		name string
		now  mark
		want bool
	}{
		{"left alone", made("corsac.yaml", "a", long), true},
		{"written at another time", made("corsac.yaml", "a", long.Add(time.Second)), false},
		{"longer", made("corsac.yaml", "ab", long), false},
		{"another file", made("other.yaml", "a", long), false},
		{"written just now", made("corsac.yaml", "a", time.Now()), false},
		{"missing", missing, false},
	} {
		if left.equal(tt.now) != tt.want || tt.now.equal(left) != tt.want {
			t.Errorf("%s: equal is %t and %t, want %t", tt.name, left.equal(tt.now), tt.now.equal(left), tt.want)
		}
	}
	if !missing.equal(missing) {
		t.Error("what is missing twice is not equal")
	}
	if fresh := made("corsac.yaml", "a", time.Now()); fresh.equal(fresh) {
		t.Error("a file that was written just now need not be read")
	}
}

// TestOtherFilesAreFollowed: a certificate that is wrong or missing is looked
// at until it is right.
func TestOtherFilesAreFollowed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	loads := 0
	f := &follower{gateway: &Gateway{log: slog.New(slog.DiscardHandler), metrics: newMetrics("", nil)}, name: dir + "/corsac.yaml", load: func() (Config, error) {
		loads++
		return Config{Gateway: policyfile.Gateway{TLS: policyfile.TLS{Cert: dir + "/cert.pem"}}}, nil
	}}
	write("corsac.yaml", "a")
	for _, want := range []int{1, 1, 1} {
		if f.look(); loads != want {
			t.Errorf("it was read %d times, want %d", loads, want)
		}
	}
	write("cert.pem", "b")
	for _, want := range []int{1, 2, 2, 2} {
		if f.look(); loads != want {
			t.Errorf("with the certificate it was read %d times, want %d", loads, want)
		}
	}
}
