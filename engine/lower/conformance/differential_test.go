package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// testTimeout is how long a program may take in tests, on machines of any speed.
const testTimeout = 2 * time.Minute

var testdata = filepath.Join("..", "testdata")

// Every program of ours does under scriptd exec what it does when it is compiled, or is refused as it should be.
func TestDifferential(t *testing.T) {
	programs, err := readTestdata(testdata)
	if err != nil {
		t.Fatal(err)
	}
	const least = 300
	if len(programs) < least {
		t.Fatalf("%d programs, want at least %d", len(programs), least)
	}
	refusals, err := readRefused(filepath.Join(testdata, refusedFile))
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool)
	for _, p := range programs {
		known[p.String()] = true
	}
	for program := range refusals {
		if !known[program] {
			t.Errorf("%s lists %s, which is not there", refusedFile, program)
		}
	}
	if testing.Short() {
		programs = sample(programs, 10)
	}
	for _, r := range scriptdForTest(t).runAll(t.Context(), programs, runtime.GOMAXPROCS(0), testTimeout, nil) {
		t.Run(r.program.String(), func(t *testing.T) {
			if problem := unexpected(r, refusals); problem != "" {
				t.Errorf("%s\n%s%s", problem, diff(r.program.want, r.got), r.stderr)
			}
		})
	}
}

// Go's own programs do no worse than they did.
func TestGoPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("there are a thousand")
	}
	programs, err := readGoTests("")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("this Go comes without its tests")
	}
	if err != nil {
		t.Fatal(err)
	}
	least, err := readRatchet(ratchetFile)
	if err != nil {
		t.Fatal(err)
	}
	// There is nothing to lose with those that crash, most of which take longer than anybody would wait.
	programs = slices.DeleteFunc(programs, func(p *program) bool { return least.below[p.String()] == crashed })
	e := scriptdForTest(t)
	config, err := importConfig(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e.env = []string{config}
	results := e.runAll(t.Context(), programs, runtime.GOMAXPROCS(0), testTimeout, nil)
	for _, problem := range least.worse(runtime.Version(), results) {
		t.Error(problem)
	}
	if reached := newRatchet(runtime.Version(), results); reached.equal > least.equal {
		t.Logf("%d programs are equal, were %d: make conformance writes that down", reached.equal, least.equal)
	}
}

// Random programs do what they do when they are compiled.
func TestRandomPrograms(t *testing.T) {
	e := scriptdForTest(t)
	batches := uint64(5)
	if testing.Short() {
		batches = 1
	}
	for i := range batches {
		failed, err := fuzzBatch(t.Context(), e, options{parallel: runtime.GOMAXPROCS(0), timeout: testTimeout}, t.TempDir(), i*batch, batch)
		if err != nil {
			t.Error(err)
		}
		for _, r := range failed {
			t.Errorf("%s %s: %s\n%s%s", r.verdict, r.program, r.reason, diff(r.program.want, r.got), r.stderr)
		}
	}
}

// sample returns every nth program.
func sample(programs []*program, n int) []*program {
	var some []*program
	for i := 0; i < len(programs); i += n {
		some = append(some, programs[i])
	}
	return some
}

// buildDir is where scriptd is built for all tests.
var buildDir string

var built = sync.OnceValues(func() (string, error) { return buildScriptd(context.Background(), buildDir) })

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "conformance-test-")
	if err != nil {
		panic(err)
	}
	buildDir = dir
	status := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

func scriptdForTest(t *testing.T) *executor {
	t.Helper()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return scriptd(bin)
}
