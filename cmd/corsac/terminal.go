package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// The manners of the command, kept by every verb:
//
//   - What was asked for goes to stdout, and nothing else does: it can be piped.
//     What went wrong, and what is said by the way, goes to stderr. An answer
//     that cannot be written to stdout is none: the exit code is 3.
//   - Colours only on a terminal, and not if NO_COLOR is set or TERM is dumb;
//     each stream is asked for itself. They only ever repeat what the words say.
//   - What comes from a file, a server or a client is escaped before it is shown.
//   - Lines are cut to the width of the terminal, and to 100 columns elsewhere.
//   - The exit code is one of the four below.
const (
	exitFine       = 0 // what was asked for is done, or the answer is yes
	exitNo         = 1 // the answer is no: a file has problems, a test fails
	exitMisuse     = 2 // there is no such verb, flag or combination of them
	exitCannotTell = 3 // a file cannot be read, an answer not be written, an address not be listened on
)

// errNo ends a verb whose answer, already printed, is no.
var errNo = errors.New("no")

// errUnknown ends a verb whose answer, already printed, is that it cannot be
// told.
var errUnknown = errors.New("could not tell")

// A misuseError is a mistake in the command line.
type misuseError struct{ message string }

func (e *misuseError) Error() string { return e.message }

// misuse ends a verb that was called in a way that makes no sense.
func misuse(format string, args ...any) error {
	return &misuseError{fmt.Sprintf(format, args...)}
}

// A terminal is what the command reads from and speaks to.
type terminal struct {
	stdin  io.Reader
	stdout *output
	stderr io.Writer
	ran    bool // the command line made sense, and a verb ran
	asked  bool // stdin has been read
}

func newTerminal(stdin io.Reader, stdout, stderr io.Writer) *terminal {
	return &terminal{stdin: stdin, stdout: &output{to: stdout}, stderr: stderr}
}

// watch tells errors of the command line from those of a verb.
func (t *terminal) watch(root *cobra.Command) {
	root.PersistentPreRun = func(*cobra.Command, []string) { t.ran = true }
}

// end says what went wrong, if anything did, and returns the exit code.
func (t *terminal) end(cmd *cobra.Command, err error) int {
	var wrong *misuseError
	switch lost := t.stdout.failure(); {
	case lost != nil:
		return t.endUnheard(lost, err)
	case err == nil:
		return exitFine
	case errors.Is(err, errNo):
		return exitNo
	case errors.Is(err, errUnknown):
		return exitCannotTell
	case errors.As(err, &wrong) || !t.ran:
		fmt.Fprintf(t.stderr, "corsac: %v\n", err)
		fmt.Fprintf(t.stderr, "%s --help tells more\n", cmd.CommandPath())
		return exitMisuse
	default:
		fmt.Fprintf(t.stderr, "corsac: %v\n", err)
		return exitCannotTell
	}
}

// endUnheard ends a verb whose answer did not arrive. Whatever that was, it is
// unknown; what else went wrong is still said.
func (t *terminal) endUnheard(lost, err error) int {
	if !isDeparture(lost) {
		fmt.Fprintf(t.stderr, "corsac: %v\n", lost)
	}
	if err != nil && !errors.Is(err, lost) && !errors.Is(err, errNo) && !errors.Is(err, errUnknown) {
		fmt.Fprintf(t.stderr, "corsac: %v\n", err)
	}
	return exitCannotTell
}

// A style colours text, or leaves it as it is.
type style struct{ color bool }

// styleFor is the style of what is written to w.
func styleFor(w io.Writer) style {
	_, isTerminal := size(w)
	return style{color: isTerminal && wantsColor(os.Getenv)}
}

// wantsColor goes by what people set: https://no-color.org
func wantsColor(getenv func(string) string) bool {
	return getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

func (s style) paint(code, text string) string {
	if !s.color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) bold(text string) string  { return s.paint("1", text) }
func (s style) faint(text string) string { return s.paint("2", text) }
func (s style) bad(text string) string   { return s.paint("31", text) }
func (s style) good(text string) string  { return s.paint("32", text) }
func (s style) hint(text string) string  { return s.paint("36", text) }

// widthElsewhere is the width of lines that go to a file or a pipe.
const widthElsewhere = 100

// size is how many columns there are for what is written to w, and whether w
// is a terminal.
func size(w io.Writer) (columns int, isTerminal bool) {
	if o, ok := w.(*output); ok {
		w = o.to
	}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return widthElsewhere, false
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns < 20 {
		return widthElsewhere, true
	}
	return columns, true
}
