package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/scriptd/scriptd/engine/lower/conformance/fuzz"
)

// batch is how many random programs are compiled into one binary.
const batch = 40

// fuzzFor compares random programs from a seed on with what they do when they are compiled, until the time is over. It
// returns how many there were, and those that were not equal; their source is left in keep.
func fuzzFor(ctx context.Context, e *executor, o options, scratch, keep string, stdout io.Writer) (programs int, failed []result, err error) {
	ctx, cancel := context.WithTimeout(ctx, o.fuzz)
	defer cancel()
	for seed := o.seed; ctx.Err() == nil; seed += batch {
		results, err := fuzzBatch(ctx, e, o, scratch, seed, batch)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return programs, failed, err
		}
		programs += batch
		for _, r := range results {
			show(stdout, r, o.verbose)
			if err := os.MkdirAll(keep, 0o777); err != nil {
				return programs, failed, err
			}
			if err := os.WriteFile(filepath.Join(keep, r.program.name+".go"), r.program.files["main.go"], 0o666); err != nil {
				return programs, failed, err
			}
		}
		failed = append(failed, results...)
	}
	return programs, failed, nil
}

// fuzzBatch compares the programs of n seeds, and returns those that are not equal.
func fuzzBatch(ctx context.Context, e *executor, o options, scratch string, first uint64, n int) ([]result, error) {
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = first + uint64(i)
	}
	all := fuzzProgram(seeds)
	if err := all.learn(ctx, scratch); err != nil {
		return nil, err
	}
	if all.want.status != 0 {
		return nil, fmt.Errorf("%s: exit status %d when compiled", all, all.want.status)
	}
	if r := e.run(ctx, all, o.timeout); r.verdict == equal || ctx.Err() != nil {
		return nil, ctx.Err()
	}
	// Which of them was it? Each alone prints what it prints in the batch.
	var programs []*program
	for i, seed := range seeds {
		p := fuzzProgram([]uint64{seed})
		next := len(all.want.stdout)
		if i+1 < len(seeds) {
			next = bytes.Index(all.want.stdout, marker(seeds[i+1]))
		}
		from := bytes.Index(all.want.stdout, marker(seed))
		if from < 0 || next < from {
			return nil, fmt.Errorf("%s: the output has no part for seed %d", all, seed)
		}
		p.want.stdout = all.want.stdout[from:next]
		programs = append(programs, p)
	}
	var failed []result
	for _, r := range e.runAll(ctx, programs, o.parallel, o.timeout, nil) {
		if r.verdict != equal {
			failed = append(failed, r)
		}
	}
	if len(failed) == 0 && ctx.Err() == nil {
		return nil, errors.Join(errTogether, fmt.Errorf("seeds %d to %d", first, first+uint64(n)-1))
	}
	return failed, nil
}

var errTogether = errors.New("random programs differ together, and are equal each alone")

func marker(seed uint64) []byte { return []byte(fuzz.Marker(seed) + "\n") }

// fuzzProgram is the random program of some seeds.
func fuzzProgram(seeds []uint64) *program {
	name := fmt.Sprint("seed-", seeds[0])
	if len(seeds) > 1 {
		name = fmt.Sprintf("seeds-%d-%d", seeds[0], seeds[len(seeds)-1])
	}
	return &program{group: "fuzz", name: name, files: map[string][]byte{"main.go": fuzz.Batch(seeds)}}
}

// fuzzMain is the command with -fuzz.
func fuzzMain(ctx context.Context, o options, stdout io.Writer) (int, error) {
	scratch, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(scratch)
	e, err := newExecutor(ctx, o, scratch)
	if err != nil {
		return 1, err
	}
	start := time.Now()
	programs, failed, err := fuzzFor(ctx, e, o, scratch, filepath.Join("bin", "fuzz"), stdout)
	fmt.Fprintf(stdout, "%s: %d random programs from seed %d in %s: %s\n", e.name, programs, o.seed, time.Since(start).Round(time.Second), sum(failed))
	if err != nil || len(failed) > 0 {
		return 1, err
	}
	return 0, nil
}
