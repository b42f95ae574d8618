// Corsac makes an API readable by exactly the web pages that should read it,
// and says why when a page cannot.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole command but for the process around it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	t := newTerminal(stdin, stdout, stderr)
	root := newRoot(t)
	root.SetArgs(goStyle(args))
	return t.end(root.ExecuteContextC(ctx))
}

// newRoot has one line for each verb; each has its own file.
func newRoot(t *terminal) *cobra.Command {
	root := &cobra.Command{
		Use:   "corsac",
		Short: "Make an API readable by exactly the web pages that should read it",
		Long: `Make an API readable by exactly the web pages that should read it.

Every verb ends with 0 if all is fine, with 1 if the answer is no, with 2 if the
command line makes no sense, and with 3 if there is no answer: a file cannot be
read, a server cannot be reached, an address is taken.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE:          noVerb,
		Version:       versionLine(),

		SuggestionsMinimumDistance: 2,
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetHelpCommand(newHelp(root))
	root.SetIn(t.stdin)
	root.SetOut(t.stdout)
	root.SetErr(t.stderr)
	root.AddCommand(
		newCheck(t),
		newExplain(t),
		newExport(t),
		newDemo(t),
		newFmt(t),
		newImport(t),
		newSchema(t),
		newServe(t),
		newTest(t),
		newVersion(t),
	)
	t.watch(root)
	return root
}
