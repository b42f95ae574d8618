package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/corsac-cors/corsac/policyfile"
)

func newSchema(t *terminal) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of policy files, for editors",
		Long: `Schema prints the JSON Schema of policy files. Editors that know YAML use it to
complete keys and to explain them. A policy file names it in its first line:

  # yaml-language-server: $schema=` + policyfile.SchemaURL,
		Example: `  corsac schema --output corsac.schema.json`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if output != "" && output != "-" {
				return os.WriteFile(output, policyfile.Schema(), 0o666)
			}
			_, err := t.stdout.Write(policyfile.Schema())
			return err
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "write to this `file` instead of stdout")
	return c
}
