package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/corsac-cors/corsac/export"
	"github.com/corsac-cors/corsac/policyfile"
)

// exporting is what export was asked to do.
type exporting struct {
	list   bool
	json   bool
	output string
	accept []string
}

func newExport(t *terminal) *cobra.Command {
	var x exporting
	c := &cobra.Command{
		Use:   "export target [file]",
		Short: "Write a policy in another server's own configuration",
		Long: `Export writes the policy of a file in the language of another server: nginx,
Apache, PHP and many more (--list). Without a file it reads corsac.yaml; "-"
stands for stdin. Each part of what is written begins with what to do with it.

What the target cannot express, or does differently, is said on stderr: each
loss with its place in the policy file, its consequence and, in parentheses, its
name. A loss is

  wider      a page may read or do more than the policy allows. Nothing is
             written then, unless --accept-wider names the loss
  narrower   a page may read or do less
  different  pages may do exactly what the policy says, and the answer looks
             otherwise, or what no browser sends is answered otherwise

It ends with 1 if a loss that is wider was not accepted, or if the file has
problems.`,
		Example: `  corsac export nginx
  corsac export apache corsac.yaml > /etc/apache2/conf-available/corsac.conf
  corsac export haproxy --output /etc/haproxy/corsac
  corsac export --list`,
		Args:              cobra.MaximumNArgs(2),
		ValidArgsFunction: completeTargets,
		RunE: func(_ *cobra.Command, args []string) error {
			if x.list {
				return t.listTargets(x.json)
			}
			return t.export(args, x)
		},
	}
	c.Flags().BoolVar(&x.list, "list", false, "list the targets, what they were run with, and what can be lost in them")
	c.Flags().BoolVar(&x.json, "json", false, "print JSON: files and losses, or with --list the targets")
	c.Flags().StringVarP(&x.output, "output", "o", "", "write the files into this `folder`, which must exist, instead of stdout")
	c.Flags().StringSliceVar(&x.accept, "accept-wider", nil, "the `names` of losses that may allow more than the policy")
	return c
}

func completeTargets(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
	}
	return targetNames(), cobra.ShellCompDirectiveNoFileComp
}

func targetNames() []string {
	var names []string
	for _, t := range export.Targets() {
		names = append(names, t.Name)
	}
	return names
}

func (t *terminal) export(args []string, x exporting) error {
	if len(args) == 0 {
		return misuse("a target is missing: %s", strings.Join(targetNames(), ", "))
	}
	target, ok := export.Find(args[0])
	if !ok {
		return misuse("there is no target %q: %s", args[0], strings.Join(targetNames(), ", "))
	}
	if err := checkAccepted(target, x.accept); err != nil {
		return err
	}
	file, err := t.policyFile(filesOr(args[1:])[0])
	if err != nil {
		return err
	}
	e := target.Export(file.Policy, file.Name)
	if !x.json {
		t.printLosses(file, e.Losses)
	}
	if wider := e.Wider(x.accept...); len(wider) > 0 {
		return t.refuseWider(target, wider, x)
	}
	return t.writeExport(e, x)
}

// checkAccepted lets nobody believe that a misspelt name does anything.
func checkAccepted(target export.Target, names []string) error {
	var known []string
	for _, l := range target.Losses {
		if l.Effect == export.Wider {
			known = append(known, l.Name)
		}
	}
	for _, name := range names {
		if slices.Contains(known, name) {
			continue
		}
		if len(known) == 0 {
			return misuse("--accept-wider %s: %s loses nothing that would allow more", name, target.Name)
		}
		return misuse("--accept-wider %s: the losses of %s that allow more are %s", name, target.Name, strings.Join(known, ", "))
	}
	return nil
}

// policyFile reads one policy file. If it has problems, they are printed, and
// the error is errNo.
func (t *terminal) policyFile(name string) (*policyfile.File, error) {
	src, err := t.source(name)
	if err != nil {
		return nil, err
	}
	if r := checkSource(src); !r.OK {
		st := styleFor(t.stderr)
		for _, p := range r.found {
			printProblem(t.stderr, st, src, p)
		}
		return nil, errNo
	}
	return policyfile.Parse(src.name, src.data)
}

// printLosses says each loss with its place:
//
//	corsac.yaml:3:12: narrower: nginx …: requests … fail (odd-methods)
func (t *terminal) printLosses(file *policyfile.File, losses []export.Loss) {
	st := styleFor(t.stderr)
	for _, l := range losses {
		at := file.Place(l.Path)
		effect := string(l.Effect)
		if l.Effect == export.Wider {
			effect = st.bad(effect)
		}
		fmt.Fprintf(t.stderr, "%s %s: %s: %s %s\n", st.bold(fmt.Sprintf("%s:%d:%d:", visible(file.Name), at.Line, at.Column)),
			effect, visible(l.Message), visible(l.Consequence), st.faint("("+l.Name+")"))
	}
}

func (t *terminal) refuseWider(target export.Target, wider []export.Loss, x exporting) error {
	var names []string
	for _, l := range wider {
		if !slices.Contains(names, l.Name) {
			names = append(names, l.Name)
		}
	}
	if x.json {
		if err := writeJSON(t.stdout, jsonExport{Files: []jsonFile{}, Losses: jsonLosses(wider)}); err != nil {
			return err
		}
	}
	fmt.Fprintf(t.stderr, "corsac: nothing is written: %s would allow more than the policy. Change the policy, or accept it with --accept-wider %s\n",
		target.Name, strings.Join(names, ","))
	return errNo
}

func (t *terminal) writeExport(e export.Export, x exporting) error {
	if x.json {
		return writeJSON(t.stdout, jsonExport{jsonFiles(e.Files), jsonLosses(e.Losses)})
	}
	if x.output == "" {
		_, err := t.stdout.Write([]byte(e.Text()))
		return err
	}
	if _, err := os.Stat(x.output); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s: make it, or name another", x.output)
	}
	var failed []error
	for _, f := range e.Files {
		name := filepath.Join(x.output, f.Name)
		if err := os.WriteFile(name, []byte(f.Text), 0o666); err != nil {
			failed = append(failed, err)
			continue
		}
		fmt.Fprintln(t.stdout, name)
	}
	return errors.Join(failed...)
}

type jsonExport struct {
	Files  []jsonFile `json:"files"`
	Losses []jsonLoss `json:"losses"`
}

type jsonFile struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

type jsonLoss struct {
	Name        string `json:"name"`
	Effect      string `json:"effect"`
	Feature     string `json:"feature"`
	Path        string `json:"path,omitempty"`
	Message     string `json:"message"`
	Consequence string `json:"consequence"`
}

type jsonTarget struct {
	Name     string     `json:"name"`
	Title    string     `json:"title"`
	Verified string     `json:"verified"`
	Losses   []jsonLoss `json:"losses"`
}

func jsonFiles(files []export.File) []jsonFile {
	all := make([]jsonFile, len(files))
	for i, f := range files {
		all[i] = jsonFile(f)
	}
	return all
}

func jsonLosses(losses []export.Loss) []jsonLoss {
	all := make([]jsonLoss, len(losses))
	for i, l := range losses {
		all[i] = jsonLoss{l.Name, string(l.Effect), string(l.Feature), l.Path, l.Message, l.Consequence}
	}
	return all
}

func (t *terminal) listTargets(asJSON bool) error {
	targets := export.Targets()
	if asJSON {
		all := make([]jsonTarget, len(targets))
		for i, target := range targets {
			all[i] = jsonTarget{target.Name, target.Title, target.Verified, jsonLosses(target.Losses)}
		}
		return writeJSON(t.stdout, all)
	}
	st := styleFor(t.stdout)
	for _, target := range targets {
		fmt.Fprintf(t.stdout, "%s %s\n", st.bold(fmt.Sprintf("%-12s", target.Name)), cmp.Or(target.Verified, "not run"))
		t.printBeside("  ", target.Title)
		for _, l := range target.Losses {
			t.printBeside(fmt.Sprintf("  %-10s ", l.Effect), l.Name+": "+l.Message)
		}
	}
	return nil
}

// printBeside prints text to the right of its lead, on as many lines as it takes.
func (t *terminal) printBeside(lead, text string) {
	columns, _ := size(t.stdout)
	line := lead
	for word := range strings.FieldsSeq(text) {
		if line != lead && utf8.RuneCountInString(line)+utf8.RuneCountInString(word) > columns {
			fmt.Fprintln(t.stdout, strings.TrimRight(line, " "))
			lead = strings.Repeat(" ", len(lead))
			line = lead
		}
		line += word + " "
	}
	fmt.Fprintln(t.stdout, strings.TrimRight(line, " "))
}
