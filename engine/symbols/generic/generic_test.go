// Package generic_test holds the sources against the standard library, compiled both.
package generic_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/symbols/generic"
)

// outcome is what a function returns, or panics with.
func outcome(f func() any) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprintf("panic %T: %v", p, p)
		}
	}()
	result := f()
	return fmt.Sprintf("%T %#v", result, result)
}

// same compares what two functions do with inputs that are made anew for each, from one random source.
func same[In fmt.Stringer](t *testing.T, rounds int, name string, input func(*rand.Rand) In, std, own func(In) any) {
	t.Helper()
	for seed := range uint64(rounds) {
		stdIn, ownIn := input(rand.New(rand.NewPCG(seed, 1))), input(rand.New(rand.NewPCG(seed, 1)))
		before := stdIn.String()
		want := outcome(func() any { return std(stdIn) }) + " leaves " + stdIn.String()
		got := outcome(func() any { return own(ownIn) }) + " leaves " + ownIn.String()
		if got != want {
			t.Fatalf("%s of %s\n\t%s, want\n\t%s", name, before, got, want)
		}
	}
}

// All that is here is embedded, and nothing else: a folder that was forgotten would be missing for plugins only.
func TestFiles(t *testing.T) {
	found := 0
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.Contains(name, "/") || d.IsDir() || strings.HasPrefix(name, "host/") {
			return err
		}
		found++
		want, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if got := generic.Files(name[:strings.LastIndex(name, "/")])[name]; string(got) != string(want) {
			t.Errorf("%s is not embedded as it is", name)
		}
		if strings.HasSuffix(name, "_test.go") {
			t.Errorf("%s would be interpreted", name)
		}
		return nil
	})
	if err != nil || found < 10 {
		t.Errorf("%d files, %v", found, err)
	}
	for _, path := range []string{"", "host", "crypto", "math/rand", "strings", "..", "slices/slices.go"} {
		if files := generic.Files(path); files != nil {
			t.Errorf("%q has files", path)
		}
	}
}
