package symbols

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

// SourcePaths are the packages that are source, or have a part that is.
var SourcePaths = strings.Fields("cmp crypto/hkdf crypto/pbkdf2 database/sql errors hash/maphash iter maps math/rand/v2 reflect slices sync " +
	"sync/atomic unique")

func TestSource(t *testing.T) {
	for _, path := range SourcePaths {
		src := Std().Source(path)
		if src == nil {
			t.Errorf("%s: no source", path)
			continue
		}
		pkg, err := Std().Import(path)
		if err != nil || pkg != src.Types || !pkg.Complete() {
			t.Errorf("%s: Import returns %v, %v, and the source is of %v", path, pkg, err, src.Types)
		}
		for _, file := range src.Files {
			pos := src.Fset.Position(file.Pos())
			if !strings.HasPrefix(pos.Filename, path+"/") || strings.Count(pos.Filename, "/") != strings.Count(path, "/")+1 || file.Pos() < sourceBase {
				t.Errorf("%s: a file at %s (%d)", path, pos, file.Pos())
			}
			for _, decl := range file.Decls {
				if fn, ok := decl.(*ast.FuncDecl); ok {
					if obj, _ := src.Info.Defs[fn.Name].(*types.Func); obj == nil || obj.Pkg() != pkg {
						t.Errorf("%s: %s is %v", path, fn.Name.Name, obj)
					}
				}
			}
		}
		if slices.Contains(pkg.Imports(), pkg) {
			t.Errorf("%s imports itself", path)
		}
	}
	for _, path := range []string{"strings", Host, "example.com/x", ""} {
		if src := Std().Source(path); src != nil {
			t.Errorf("%s has a source: %v", path, src.Types)
		}
	}
}

// What the sources use of the host is there, and there is nothing else.
func TestHostSymbols(t *testing.T) {
	used := make(map[string]bool)
	for _, path := range SourcePaths {
		for _, obj := range Std().Source(path).Info.Uses {
			if obj.Pkg() != nil && obj.Pkg().Path() == Host {
				used[obj.Name()] = true
			}
		}
	}
	if got, want := slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(hostSymbols())); !slices.Equal(got, want) {
		t.Errorf("used are %v, there are %v", got, want)
	}
	if v, ok := Std().Symbol(Host, "Sort"); !ok || !v.IsValid() {
		t.Error("host.Sort is no symbol")
	}
}

// The first to ask may be many, and may come by an iterator that a table mentions.
func TestSourcesAreSafeForConcurrentUse(t *testing.T) {
	for range 5 {
		u := newUniverse(nil)
		var group sync.WaitGroup
		for worker := range 8 {
			group.Go(func() {
				paths := slices.Concat(SourcePaths, []string{"reflect", "strings", "go/types"})
				for i := range paths {
					path := paths[(i+worker)%len(paths)]
					if _, err := u.Import(path); err != nil {
						t.Error(err)
					}
				}
				err := checkSource(u, `package p
					import ("slices"; "strings"; "iter"; "maps"; "reflect")
					var words = slices.Sorted(strings.SplitSeq("b,a", ","))
					var byIndex = maps.Collect(slices.All(words))
					func values(v reflect.Value) (all []reflect.Value) {
						next, stop := iter.Pull(v.Seq())
						defer stop()
						for v, ok := next(); ok; v, ok = next() { all = append(all, v) }
						return slices.Collect(v.Seq())
					}`)
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
}

func BenchmarkImportSources(b *testing.B) {
	for b.Loop() {
		u := newUniverse(nil)
		for _, path := range SourcePaths {
			if _, err := u.Import(path); err != nil {
				b.Fatal(err)
			}
		}
	}
}
