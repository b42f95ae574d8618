package export

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

// TestSpring runs the filter in Tomcat, registered as the configuration class
// registers it. What Spring Boot makes of that class is not run.
func TestSpring(t *testing.T) {
	lab.Need(t, "javac")
	script, err := filepath.Abs(filepath.Join("testdata", "java", "Host.java"))
	if err != nil {
		t.Fatal(err)
	}
	classpath := lab.Path(t, "tomcat") + ":" + lab.Path(t, "tomcat-annotations")
	address := lab.FreeAddress(t)
	var room string // Tomcat may make a directory anew when a test has removed it
	lab.Serve(t, address, "java", func(dir string) ([]string, error) {
		room = dir
		return []string{"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classpath, script, address}, nil
	})
	start := func(t testing.TB, s stand) string {
		dir, err := os.MkdirTemp(room, "")
		if err != nil {
			t.Fatal(err)
		}
		paths, err := writeFiles(dir, s.Export)
		if err != nil {
			t.Fatal(err)
		}
		return askHost(t, "http://"+address, map[string]any{"filter": paths[0], "auth": s.auth})
	}
	prove(t, spring, start)
	t.Run("hostile", func(t *testing.T) { proveHostile(t, spring, start) })
}

func FuzzSpring(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		keepsShape(t, spring, "//", source, path, method, name)
	})
}
