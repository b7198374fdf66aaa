package main

import (
	"cmp"
	"context"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/worker/confine"
)

// finding is one thing that doctor has looked at.
type finding struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	// Fix is what to do where it is not ok.
	Fix string `json:"fix,omitempty"`
}

func (a *app) doctorCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Show what this machine has of what scriptd needs, and what to do about the rest",
		Long: `doctor looks at the configuration file, the cache and the kernel: what holds packages to what they were granted, and
to their limits. It starts no plugin and asks no origin, only the bucket of a cache that others share. The status is 78 where the configuration or the cache cannot be used; a
kernel that lacks something is no error.`,
		Example: `  scriptd doctor
  scriptd doctor -o json`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context(), *output) }
	return cmd
}

func (a *app) doctor(ctx context.Context, output format) error {
	own := a.ownFindings(ctx)
	all := append([]finding{{Name: "go", OK: true, Detail: readBuildInfo().Go}}, own...)
	for _, f := range confine.Probe() {
		all = append(all, finding{"kernel: " + f.Name, f.Have, f.Detail, f.Fix})
	}
	var err error
	if output == formatJSON {
		err = a.printJSON(all)
	} else {
		err = a.printFindings(all)
	}
	for _, f := range own {
		if err == nil && !f.OK {
			err = &exitError{status: exitConfig}
		}
	}
	return err
}

func (a *app) printFindings(all []finding) error {
	rows := [][]string{{"WHAT", "STATE", "DETAIL"}}
	for _, f := range all {
		state := "ok"
		if !f.OK {
			state = "missing"
		}
		rows = append(rows, []string{f.Name, state, f.Detail})
		if f.Fix != "" {
			rows = append(rows, []string{"", "", "to do: " + f.Fix})
		}
	}
	return a.printTable(rows)
}

// ownFindings are about what scriptd cannot do without.
func (a *app) ownFindings(ctx context.Context) []finding {
	cfg, err := a.load()
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return []finding{{
			Name: "configuration", Detail: first,
			Fix: "write the file, or name it with -c FILE or $SCRIPTD_CONFIG; scriptd validate tells all that is wrong with one",
		}}
	}
	found := []finding{configuration(cfg)}
	if dir := cfg.CacheDir(); dir != "" {
		found = append(found, cacheFolder(dir))
	}
	if shared := cfg.SharedCache(); shared != nil {
		found = append(found, cacheBucket(ctx, shared))
	}
	return found
}

func configuration(cfg *config.Config) finding {
	isolation := cmp.Or(cfg.Options().Isolation, engine.IsolationProcess)
	f := finding{Name: "configuration", OK: true, Detail: cfg.Path() + ", isolation " + string(isolation)}
	if isolation == engine.IsolationNone {
		f.Detail += ": packages are not confined, and limits do not hold"
	}
	return f
}

// cacheFolder tries to write.
func cacheFolder(dir string) finding {
	f := finding{Name: "cache", OK: true, Detail: dir}
	trial, err := os.CreateTemp(dir, ".doctor-*")
	if err == nil {
		trial.Close()
		err = os.Remove(trial.Name())
	}
	if err != nil {
		f.OK, f.Detail = false, err.Error()
		f.Fix = "give the user of scriptd the folder, or name another one as cache: {dir: …}"
	}
	return f
}

// cacheBucket tries to read.
func cacheBucket(ctx context.Context, shared *cache.Shared) finding {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	f := finding{Name: "shared cache", OK: true, Detail: shared.String()}
	if err := shared.Reach(ctx); err != nil {
		f.OK, f.Detail = false, err.Error()
		f.Fix = "see cache: {s3: …}: that the endpoint answers, the bucket is there, and the credentials may list, read, write and remove"
	}
	return f
}
