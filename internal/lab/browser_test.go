package lab_test

import (
	"bytes"
	"image/png"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

// serve answers every request for a path with exactly these bytes, and returns the server's origin.
// What is not in the map is an empty page.
func serve(t *testing.T, answers map[string]string) (origin string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answer(c, answers)
		}
	}()
	return "http://" + l.Addr().String()
}

func answer(c net.Conn, answers map[string]string) {
	defer c.Close()
	buf := make([]byte, 8<<10)
	n, err := c.Read(buf)
	if err != nil {
		return
	}
	_, rest, _ := strings.Cut(string(buf[:n]), " ")
	path, _, _ := strings.Cut(rest, " ")
	text, ok := answers[path]
	if !ok {
		text = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n"
	}
	io.WriteString(c, strings.Replace(text, "\r\n", "\r\nConnection: close\r\n", 1))
}

func TestBrowsers(t *testing.T) {
	api := serve(t, map[string]string{
		"/open":   "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 5\r\n\r\nhello",
		"/closed": "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	})
	page := serve(t, nil)
	for _, b := range lab.Browsers(t) {
		t.Run(b.Name(), func(t *testing.T) {
			tab := b.Open(t, page+"/")
			t.Log(b.Version())
			var body string
			tab.Eval("fetch('"+api+"/open').then(r => r.text())", &body)
			if body != "hello" {
				t.Errorf("body = %q", body)
			}
			tab.Eval("fetch('"+api+"/closed').catch(e => e.message)", &body)
			t.Log(body)
			t.Log(tab.WaitConsole(lab.Entry.AboutCORS))
			t.Logf("%+v", tab.Failures())
			tab.Viewport(400, 300)
			img, err := png.Decode(bytes.NewReader(tab.Screenshot()))
			if err != nil {
				t.Fatal(err)
			}
			t.Log(img.Bounds())
			tab.Wait("innerWidth == 400")
		})
	}
	_ = http.StatusOK
}
