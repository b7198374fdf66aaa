package check_test

import (
	"errors"
	"go/version"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/symbols"
)

// A module is checked, and runs, as the version of the language that it states.
func TestLanguageVersions(t *testing.T) {
	tests := []struct {
		name, files string
		want        string // "folder version" of each package and "file version" of each file
	}{
		{"no module", "-- p/p.go --\npackage p\n", "p go1.26 p/p.go go1.26"},
		{"stated", "-- go.mod --\nmodule m\n\ngo 1.20 // comment\n-- p/p.go --\npackage p\n", "p go1.20 p/p.go go1.20"},
		{"stated with a release", "-- go.mod --\ngo 1.24.3\nmodule m\ntoolchain go1.26.1\n-- p/p.go --\npackage p\n", "p go1.24 p/p.go go1.24"},
		{"stated with a candidate", "-- go.mod --\nmodule m\ngo 1.26rc1\n-- p/p.go --\npackage p\n", "p go1.26 p/p.go go1.26"},
		{"not stated", "-- go.mod --\nmodule m\n-- p/p.go --\npackage p\n", "p go1.16 p/p.go go1.16"},
		{"a file that states a newer one", `
-- go.mod --
module m
go 1.20
-- p/p.go --
//go:build go1.23

package p

type Set[T comparable] = map[T]bool
-- p/q.go --
package p
`, "p go1.20 p/p.go go1.23 p/q.go go1.20"},
		{"a file that states an older one", `
-- p/p.go --
//go:build go1.17

package p

func f[T any]() {}
`, "p go1.26 p/p.go go1.21"},
		{"vendored packages have versions of their own", `
-- go.mod --
module m
go 1.25
-- p/p.go --
package p

import (
	_ "example.com/a/sub"
	_ "example.com/b"
	_ "example.com/c"
	_ "example.com/d"
)
-- vendor/modules.txt --
# example.com/a v1.0.0
## explicit; go 1.18
example.com/a/sub
# example.com/b v1.0.0
## explicit
example.com/b
# example.com/c v1.0.0
## go 1.99
example.com/c
-- vendor/example.com/a/sub/x.go --
package sub
-- vendor/example.com/b/x.go --
package b
-- vendor/example.com/c/x.go --
package c
-- vendor/example.com/d/x.go --
package d
`, "vendor/example.com/a/sub go1.18 vendor/example.com/a/sub/x.go go1.18 vendor/example.com/b go1.16 vendor/example.com/b/x.go go1.16 " +
			"vendor/example.com/c go1.26 vendor/example.com/c/x.go go1.26 vendor/example.com/d go1.26 vendor/example.com/d/x.go go1.26 " +
			"p go1.25 p/p.go go1.25"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, pkg := range mustCheck(t, tree(tt.files), "p").Packages {
				got = append(got, pkg.Dir, pkg.GoVersion)
				for _, f := range pkg.Files {
					got = append(got, f.Name, f.GoVersion)
					if per := f.LoopVarPerIteration(); per != (version.Compare(f.GoVersion, "go1.22") >= 0) {
						t.Errorf("%s: variables per iteration: %t", f.Name, per)
					}
				}
			}
			if got := strings.Join(got, " "); got != tt.want {
				t.Errorf("got\n%s, want\n%s", got, tt.want)
			}
		})
	}
}

func TestModFileErrors(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"no module", "go 1.26\n", "go.mod:1:1: no module line"},
		{"from the future", "module m\n\ngo 1.27\n", "go.mod:3: go.mod requires go >= 1.27 (plugins are run as go1.26)"},
		{"no version", "module m\ngo banana\n", "go.mod:2: invalid go version 'banana': must match format 1.23.0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := check.Check(check.Config{Tree: tree("-- go.mod --\n" + tt.file + "-- p.go --\npackage p\n"), Dir: ".", Importer: symbols.Std()})
			var errs check.Errors
			if !errors.As(err, &errs) || errs.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// What a module's version of the language does not have is an error, in the compiler's words.
func TestOldLanguageErrors(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	files := tree(`
-- go.mod --
module m

go 1.17
-- p/p.go --
package p

func f[T any](x T) T { return x }

func g() {
	for range 3 {
	}
	var s []int
	clear(s)
	_ = min(1, 2)
}
-- p/q.go --
//go:build go1.21

package p

func h() {
	for range 3 {
	}
	_ = max(1, 2)
}
`)
	out, err := goCommand(t, files, "build", "-gcflags=-e", "./...")
	if err == nil {
		t.Fatal("the compiler takes it all")
	}
	diff(t, errorsOf(t, check.Config{Tree: files, Dir: "p"}), linesOf(out, "p"))
}
