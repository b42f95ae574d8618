package main

import (
	"github.com/spf13/cobra"

	"github.com/corsac-cors/corsac/demo"
)

func newDemo(t *terminal) *cobra.Command {
	var (
		o      = demo.Options{Out: t.stdout}
		noOpen bool
	)
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show a page on one origin that reads an API on another, and what goes over the wire",
		Long: `Demo starts a page, a gateway and an API, each on an origin of its own, prints the
addresses and opens the page in a browser, if there is one. The page lists users
through Corsac, or directly, which the browser refuses. Nothing leaves this
machine, and Ctrl-C leaves nothing behind.`,
		Example: `  corsac demo
  corsac demo --no-open --db postgres://localhost/corsac`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !noOpen {
				o.Open = demo.OpenBrowser
			}
			return demo.Run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.DB, "db", "", "a PostgreSQL database to keep the users in, postgres://… (default SQLite in memory)")
	f.BoolVar(&noOpen, "no-open", false, "do not open a browser")
	f.StringVar(&o.FrontEnd, "page", "", "the address of the page (default 127.0.0.1:3000, or a free port)")
	f.StringVar(&o.Gateway, "gateway", "", "the address of the gateway (default 127.0.0.1:8080, or a free port)")
	f.StringVar(&o.API, "api", "", "the address of the API (default 127.0.0.1:8081, or a free port)")
	return cmd
}
