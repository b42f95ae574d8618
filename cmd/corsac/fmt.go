package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newFmt(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "fmt [corsac.yaml…]",
		Short: "Lay a policy file out in the usual way",
		RunE:  func(*cobra.Command, []string) error { return errors.New("fmt: not yet") },
	}
}
