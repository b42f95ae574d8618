package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// noVerb ends a command line that has none, or one that there is not. Somebody
// who has just installed corsac types its name first.
func noVerb(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return misuse("a verb is missing: %s", strings.Join(verbsOf(root), ", "))
	}
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		return misuse("there is no verb %q: did you mean %s?", args[0], strings.Join(near, " or "))
	}
	return misuse("there is no verb %q: %s", args[0], strings.Join(verbsOf(root), ", "))
}

func verbsOf(root *cobra.Command) (names []string) {
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

// newHelp takes the place of cobra's own, which knows of everything a little:
// help for a verb that there is not, was help for all of them, and no misuse.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [verb]",
		Short: "Tell more about a verb",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return verbsOf(root), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 && c == root {
				return noVerb(root, args)
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}

// offer completes what a flag can be.
func offer(c *cobra.Command, flag string, values ...string) {
	err := c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // there is no such flag
	}
}
