package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/corsac-cors/corsac"
)

func newCheck(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "check [corsac.yaml…]",
		Short: "Say everything that is wrong with a policy file",
		RunE: func(_ *cobra.Command, args []string) error {
			var bad bool
			for _, name := range filesOr(args) {
				_, err := t.readPolicy(name)
				var problems corsac.Problems
				switch {
				case errors.As(err, &problems):
					fmt.Fprintln(t.stdout, problems)
					bad = true
				case err != nil:
					return err
				default:
					fmt.Fprintf(t.stdout, "%s is fine\n", name)
				}
			}
			if bad {
				return errNo
			}
			return nil
		},
	}
}
