package explain

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"unicode"

	"github.com/corsac-cors/corsac/fetch"
)

// TestObstaclesAreAll: what is told in one report is what would otherwise take
// seven rounds.
func TestObstaclesAreAll(t *testing.T) {
	t.Parallel()
	s := start(t, split(lines(401), bare))
	q := call("PUT", "X-A: 1", "X-B: 2")
	q.Request.Origin, q.Request.URL, q.Request.Credentials = app, s.URL, fetch.CredentialsInclude
	r := Explain(t.Context(), q)
	var kinds []string
	for _, o := range r.Obstacles {
		kinds = append(kinds, o.Exchange+" "+o.Kind)
	}
	want := strings.Join([]string{
		"preflight missing-allow-origin", "preflight invalid-allow-credentials", "preflight preflight-status", "preflight method-not-allowed",
		"preflight header-not-allowed", "preflight header-not-allowed", "request missing-allow-origin", "request invalid-allow-credentials",
	}, "\n")
	if got := strings.Join(kinds, "\n"); got != want {
		t.Errorf("obstacles\n%s\nwant\n%s", got, want)
	}
	if last := r.Obstacles[len(r.Obstacles)-1]; last.Seen {
		t.Error("the answer to the PUT was never seen")
	}
}

// TestNeedsSuffice serves what a report says is needed, and asks again. Without
// any one of the lines it must not do.
func TestNeedsSuffice(t *testing.T) {
	t.Parallel()
	for _, f := range append(append([]fault{}, preflightFaults...), originFaults...) {
		if f.answer != "" {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			q := f.ask
			q.NoProbes = true
			if q.Request.Origin == "" {
				q.Request.Origin = app
			}
			q.Request.URL = start(t, f.serve).URL + "/x"
			r := Explain(t.Context(), q)
			if len(r.Needs) == 0 {
				t.Fatalf("nothing is needed: %v", r.Obstacles)
			}
			q.Send = true
			q.Request.URL = start(t, serve(r.Needs, "")).URL
			if again := Explain(t.Context(), q); again.Answer != Readable {
				t.Errorf("with all that is needed: %s", again.Headline)
			}
			for _, need := range r.Needs {
				for _, line := range need.Lines[1:] {
					if line == "vary: origin" { // for caches, not for this request
						continue
					}
					q.Request.URL = start(t, serve(r.Needs, need.Exchange+line)).URL
					if again := Explain(t.Context(), q); again.Answer == Readable {
						t.Errorf("%s is not needed by the %s", line, need.Exchange)
					}
				}
			}
		})
	}
}

// serve answers with needed heads, but for one line.
func serve(needs []Need, without string) http.HandlerFunc {
	head := func(exchange string) http.HandlerFunc {
		for _, n := range needs {
			if n.Exchange != exchange {
				continue
			}
			var kept []string
			for _, line := range n.Lines[1:] {
				if exchange+line != without {
					kept = append(kept, line)
				}
			}
			return lines(200, kept...)
		}
		return bare
	}
	return split(head("preflight"), head("request"))
}

const nasty = "\x1b]0;pwned\a\x1b[31m\x9b2J\u202e\u2066\u200b\x7f"

// TestNothingReachesTheTerminal: whatever a server says, wherever it says it.
func TestNothingReachesTheTerminal(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Location", "Server",
		"Www-Authenticate", "Vary", "Set-Cookie", "Allow", "X-Total-Count", "Cf-Mitigated", "Retry-After"} {
		for _, status := range []string{"200 " + nasty, "302 x", "401 x", "405 x", "502 x"} {
			t.Run(header+" "+status[:3], func(t *testing.T) {
				t.Parallel()
				url := raw(t, "HTTP/1.1 "+status+"\r\nAccess-Control-Allow-Origin: *\r\n"+header+": x"+nasty+"\r\n"+nasty+": 1\r\nContent-Length: 30\r\n\r\nInvalid CORS request"+nasty)
				q := call("PUT", "X-A: 1")
				q.Request.Origin, q.Request.URL = app, url
				r := Explain(t.Context(), q)
				for form, text := range map[string]string{"text": r.Text(Style{}), "markdown": r.Markdown()} {
					for _, c := range text {
						if c != '\n' && !unicode.IsPrint(c) || c == unicode.ReplacementChar {
							t.Fatalf("the %s has %q:\n%q", form, c, text)
						}
					}
				}
			})
		}
	}
}

func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		lines(200, "Access-Control-Allow-Origin: "+app, "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: authorization, x-api-key",
			"Set-Cookie: sid=setc00kiesecret; Path=/", "Location: /?token=l0cationsecret", "X-Echo: "+r.Header.Get("Authorization"))(w, r)
	})
	q := call("GET", "Authorization: Bearer t0kensecret", "X-Api-Key: k3ysecret")
	q.Request.Origin, q.Request.URL, q.Request.Credentials = app, s.URL+"/?access_token=qu3rysecret", fetch.CredentialsInclude
	q.Cookie = "sid=c00kiesecret"
	r := Explain(t.Context(), q)
	encoded, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(encoded), r.Text(Style{}), r.Markdown()} {
		if at := strings.Index(text, "secret"); at >= 0 {
			t.Errorf("a secret is shown: …%s…", text[max(0, at-60):min(len(text), at+20)])
		}
	}
	q.ShowSecrets = true
	if text := Explain(t.Context(), q).Text(Style{}); !strings.Contains(text, "Bearer t0kensecret") {
		t.Error("a secret is hidden although it was asked for")
	}
}

// TestCommandsStayWhole: a command that is broken into lines is the same one to
// a shell.
func TestCommandsStayWhole(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"curl -i",
		"curl -i -X OPTIONS 'https://api.example.com/a/rather/long/path' -H 'Origin: https://app.example.com' -H 'X: y'",
		`curl 'https://a/' -H 'X: it'\''s a long value with  -H and -d and -X within it, and again -H '\'' -H '\''x' -H 'Y: 1'`,
	} {
		p := &page{Style: Style{Width: 40}}
		p.command("reproduce", line)
		out, err := exec.CommandContext(t.Context(), "bash", "-c", "printf '%s\n' "+strings.TrimPrefix(p.String(), "  reproduce  ")).Output()
		want, _ := exec.CommandContext(t.Context(), "bash", "-c", "printf '%s\n' "+line).Output()
		if err != nil || string(out) != string(want) {
			t.Errorf("%v: %s\nis not\n%s", err, out, want)
		}
		if strings.Count(p.String(), "\n") == 1 && len(line) > 40 {
			t.Errorf("it is not broken: %s", p.String())
		}
	}
}

func TestTextKeepsToItsWidth(t *testing.T) {
	t.Parallel()
	for _, f := range append(append([]fault{}, preflightFaults...), statusFaults...) {
		q := f.ask
		q.Request.Origin, q.Request.URL, q.NoProbes, q.Server = app, start(t, f.serve).URL+"/x", true, "none"
		text := Explain(t.Context(), q).Text(Style{Width: 80, ASCII: true})
		for line := range strings.SplitSeq(text, "\n") {
			if len([]rune(line)) > 80 && !strings.Contains(line, "Access-Control-Request-Headers") {
				t.Errorf("%s: %d columns: %s", f.name, len([]rune(line)), line)
			}
			if strings.IndexFunc(line, func(c rune) bool { return c > unicode.MaxASCII }) >= 0 {
				t.Errorf("%s: beyond ASCII: %s", f.name, line)
			}
		}
	}
}
