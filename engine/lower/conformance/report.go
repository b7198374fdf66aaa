package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// section is a set of programs and what became of them.
type section struct {
	title, text    string
	scriptd, yaegi []result
}

// ratchetFile is where the score with Go's own programs is kept, beside this package.
const ratchetFile = "ratchet.txt"

// report runs Go's own programs and ours, through scriptd exec and through bare yaegi, and writes a page about it, and
// the ratchet.
func report(ctx context.Context, o options, page, ratchetName string, stdout io.Writer) error {
	scratch, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	ours, err := newExecutor(ctx, o, scratch)
	if err != nil {
		return err
	}
	bare, err := bareYaegi()
	if err != nil {
		return err
	}
	config, err := importConfig(ctx, scratch)
	if err != nil {
		return err
	}
	ours.env, bare.env = []string{config}, []string{config}
	sections := []*section{
		{title: "Go's own programs", text: "The programs under `$(go env GOROOT)/test` that are run without arguments: their first line is `// run`. As the " +
			"driver of these tests has it, standard output and standard error together are compared, and the exit status has to be 0."},
		{title: "Programs of ours", text: "The programs under `engine/lower/testdata`, one construct each. Standard output, the first line of a panic's message " +
			"and the exit status are compared with those of `go run`."},
	}
	for i, source := range []string{"goroot", "engine/lower/testdata"} {
		programs, _, err := read(source)
		if err != nil {
			return err
		}
		for _, e := range []*executor{ours, bare} {
			results := e.runAll(ctx, programs, o.parallel, o.timeout, func(r result) {
				if e == ours && r.verdict != equal {
					show(stdout, r, o.verbose)
				}
			})
			fmt.Fprintf(stdout, "%s, %s: %s\n", sections[i].title, e.name, sum(results))
			if e == ours {
				sections[i].scriptd = results
			} else {
				sections[i].yaegi = results
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := writePage(page, sections); err != nil {
		return err
	}
	before, err := readRatchet(ratchetName)
	if err == nil {
		if worse := before.worse(runtime.Version(), sections[0].scriptd); len(worse) > 0 {
			return fmt.Errorf("worse than before:\n%s", strings.Join(worse, "\n"))
		}
	}
	return newRatchet(runtime.Version(), sections[0].scriptd).write(ratchetName)
}

// sum counts verdicts.
func sum(results []result) string {
	n := count(results)
	parts := make([]string, len(verdicts))
	for i, v := range verdicts {
		parts[i] = fmt.Sprintf("%s %d", v, n[v])
	}
	return strings.Join(parts, ", ")
}

func count(results []result) map[verdict]int {
	n := make(map[verdict]int)
	for _, r := range results {
		n[r.verdict]++
	}
	return n
}

const pageHead = `# Conformance

Written by ` + "`make conformance`" + `, with %s on %s/%s. Every program runs through ` + "`scriptd exec -A`" + ` and, in the same run, through bare
yaegi: v0.16.1 with all of its own symbols, unrestricted.

| verdict | means |
|---|---|
| equal | it printed what it prints when it is compiled, and ended with the same status |
| refused | it was not run, with a message that says where and why |
| wrong | it ran, and did something else |
| crashed | what ran it failed, or it did not end within %s |

`

func writePage(name string, sections []*section) error {
	var b strings.Builder
	fmt.Fprintf(&b, pageHead, runtime.Version(), runtime.GOOS, runtime.GOARCH, "20 seconds")
	for _, s := range sections {
		fmt.Fprintf(&b, "## %s\n\n%s\n\n", s.title, s.text)
		s.table(&b)
	}
	refusals(&b, sections)
	failures(&b, sections)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(b.String()), 0o666)
}

// table writes the verdicts by group, scriptd's beside those of bare yaegi.
func (s *section) table(w io.Writer) {
	fmt.Fprintln(w, "| group | programs | equal | refused | wrong | crashed | yaegi: equal | refused | wrong | crashed |")
	fmt.Fprintln(w, "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
	row := func(name string, ours, bare []result) {
		fmt.Fprintf(w, "| %s | %d", name, len(ours))
		for _, n := range []map[verdict]int{count(ours), count(bare)} {
			for _, v := range verdicts {
				fmt.Fprintf(w, " | %d", n[v])
			}
		}
		fmt.Fprintln(w, " |")
	}
	var groups []string
	for _, r := range s.scriptd {
		groups = append(groups, r.program.group)
	}
	slices.Sort(groups)
	for _, group := range slices.Compact(groups) {
		in := func(results []result) (some []result) {
			for _, r := range results {
				if r.program.group == group {
					some = append(some, r)
				}
			}
			return some
		}
		row(group, in(s.scriptd), in(s.yaegi))
	}
	row("**all**", s.scriptd, s.yaegi)
	fmt.Fprintln(w)
	if late := len(slices.DeleteFunc(slices.Clone(s.scriptd), func(r result) bool { return r.reason != tooLate })); late > 0 {
		fmt.Fprintf(w, "Of the %d that crashed under scriptd, %d did not end in time.\n\n", count(s.scriptd)[crashed], late)
	}
}

// refusals writes what scriptd refuses, by class.
func refusals(w io.Writer, sections []*section) {
	counts := make(map[string][]int)
	for i, s := range sections {
		for _, r := range s.scriptd {
			if r.verdict != refused {
				continue
			}
			name := classOf(r.reason).name
			if counts[name] == nil {
				counts[name] = make([]int, len(sections))
			}
			counts[name][i]++
		}
	}
	if len(counts) == 0 {
		return
	}
	fmt.Fprint(w, "## What is refused\n\n| class | Go's own | ours | why, and what to do instead |\n|---|---:|---:|---|\n")
	for _, c := range append(slices.Clone(classes), other) {
		if n := counts[c.name]; n != nil {
			fmt.Fprintf(w, "| %s | %d | %d | %s |\n", c.name, n[0], n[1], c.why)
		}
	}
	fmt.Fprintln(w)
}

// failures lists the programs that are wrong or crashed under scriptd.
func failures(w io.Writer, sections []*section) {
	var failed []result
	for _, s := range sections {
		for _, r := range s.scriptd {
			if r.verdict == wrong || r.verdict == crashed {
				failed = append(failed, r)
			}
		}
	}
	if len(failed) == 0 {
		return
	}
	slices.SortStableFunc(failed, func(a, b result) int { return cmp.Compare(b.verdict, a.verdict) })
	fmt.Fprint(w, "## What is wrong or crashes\n\n")
	for _, r := range failed {
		fmt.Fprintf(w, "- %s: `%s`: %s\n", r.verdict, r.program, strings.ReplaceAll(r.reason, "|", "\\|"))
	}
}
