// Command conformance runs Go programs through scriptd exec, or through yaegi as it comes, and compares what they do
// with what they do when they are compiled.
//
//	go run ./engine/lower/conformance [FLAG]... [SOURCE]...
//
// A SOURCE is a folder of archives GROUP/NAME.txtar (the default is engine/lower/testdata), a folder of programs with a
// want.txt each, goroot for Go's own tests, a folder of such tests, or a program: a file or a folder, whose expected
// output is made by go run. For each program there is a line
//
//	equal|refused|wrong|crashed GROUP/NAME: REASON
//
// and at last a sum. The exit status is 1 where a program was wrong or crashed.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"time"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == yaegiVerb {
		os.Exit(yaegiMain(os.Args[2:]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	status, err := run(ctx, os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
	}
	stop()
	os.Exit(status)
}

// options are the flags.
type options struct {
	match    *regexp.Regexp
	verbose  bool
	all      bool
	yaegi    bool
	bin      string
	parallel int
	timeout  time.Duration
	// update makes want.txt anew; report is the page to write, ratchet the file with the score.
	update          bool
	report, ratchet string
	// fuzz is how long to run random programs, from a seed on.
	fuzz time.Duration
	seed uint64
}

func run(ctx context.Context, args []string, stdout io.Writer) (int, error) {
	var o options
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	pattern := flags.String("run", "", "run only programs whose GROUP/NAME matches `REGEXP`")
	flags.BoolVar(&o.verbose, "v", false, "show what differs")
	flags.BoolVar(&o.all, "a", false, "list the programs that are equal, too")
	flags.BoolVar(&o.yaegi, "yaegi", false, "run the programs with yaegi as it comes")
	flags.StringVar(&o.bin, "bin", "", "use this `FILE` instead of building scriptd")
	flags.IntVar(&o.parallel, "parallel", runtime.NumCPU(), "run `N` programs at a time")
	flags.DurationVar(&o.timeout, "timeout", 20*time.Second, "give a program this `TIME`")
	flags.BoolVar(&o.update, "update", false, "make the want.txt of the archives anew instead")
	flags.StringVar(&o.report, "report", "", "run Go's programs and ours, also with bare yaegi, and write the page `FILE` instead")
	flags.StringVar(&o.ratchet, "ratchet", "engine/lower/conformance/"+ratchetFile, "`FILE` with the score that -report holds")
	flags.DurationVar(&o.fuzz, "fuzz", 0, "run random programs for this `TIME` instead; those that are not equal are left in bin/fuzz")
	flags.Uint64Var(&o.seed, "seed", 1, "the first `SEED` of -fuzz")
	if err := flags.Parse(args); err != nil {
		return 2, nil //nolint:nilerr // the flag set has said so
	}
	match, err := regexp.Compile(*pattern)
	if err != nil {
		return 2, err
	}
	o.match = match
	sources := flags.Args()
	if len(sources) == 0 {
		sources = []string{"engine/lower/testdata"}
	}
	switch {
	case o.update:
		for _, dir := range sources {
			if err := update(ctx, dir, match.MatchString, stdout); err != nil {
				return 1, err
			}
		}
		return 0, nil
	case o.fuzz > 0:
		return fuzzMain(ctx, o, stdout)
	case o.report != "":
		if err := report(ctx, o, o.report, o.ratchet, stdout); err != nil {
			return 1, err
		}
		return 0, nil
	default:
		return compare(ctx, o, sources, stdout)
	}
}

// compare runs the programs of all sources and prints the verdicts.
func compare(ctx context.Context, o options, sources []string, stdout io.Writer) (int, error) {
	scratch, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(scratch)
	e, err := newExecutor(ctx, o, scratch)
	if err != nil {
		return 1, err
	}
	if slices.Contains(sources, "goroot") {
		config, err := importConfig(ctx, scratch)
		if err != nil {
			return 1, err
		}
		e.env = []string{config}
	}
	var all []result
	for _, source := range sources {
		programs, reference, err := read(source)
		if err != nil {
			return 1, err
		}
		var chosen []*program
		for _, p := range programs {
			if o.match.MatchString(p.String()) {
				chosen = append(chosen, p)
			}
		}
		if reference {
			for _, p := range chosen {
				if err := p.learn(ctx, scratch); err != nil {
					return 1, err
				}
			}
		}
		results := e.runAll(ctx, chosen, o.parallel, o.timeout, func(r result) {
			if r.verdict != equal || o.all || o.verbose {
				show(stdout, r, o.verbose)
			}
		})
		all = append(all, results...)
	}
	fmt.Fprintf(stdout, "%s: %s\n", e.name, sum(all))
	if n := count(all); n[wrong]+n[crashed] > 0 {
		return 1, nil
	}
	return 0, nil
}

func newExecutor(ctx context.Context, o options, scratch string) (*executor, error) {
	if o.yaegi {
		return bareYaegi()
	}
	if o.bin == "" {
		bin, err := buildScriptd(ctx, scratch)
		if err != nil {
			return nil, err
		}
		o.bin = bin
	}
	return scriptd(o.bin), nil
}

// show prints a verdict, and with verbose what explains it.
func show(w io.Writer, r result, verbose bool) {
	fmt.Fprintf(w, "%s %s", r.verdict, r.program)
	if r.reason != "" {
		fmt.Fprintf(w, ": %s", r.reason)
	}
	fmt.Fprintln(w)
	if !verbose || r.verdict == equal {
		return
	}
	fmt.Fprint(w, diff(r.program.want, r.got))
	if len(r.stderr) > 0 && !r.got.combined {
		fmt.Fprintf(w, "--- stderr\n%s", r.stderr)
	}
}
