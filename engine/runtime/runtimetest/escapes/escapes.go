// Package escapes is what a package of plugins may try beyond what it was granted: to read and change files, to reach hosts, to
// start programs, to see and change what belongs to its host and to other packages. All of it fails under every runtime, and the
// error names the permission.
//
//	func TestEscapes(t *testing.T) {
//		escapes.Run(t, func(t *testing.T, names *nameserver.Server) runtime.Runtime { return … })
//	}
package escapes

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/nameserver"
)

// Start makes a runtime that looks names up at a server of the test's.
type Start func(t *testing.T, names *nameserver.Server) runtime.Runtime

// Run tries all escapes with a runtime. Nothing leaves the machine. What is named is denied by the runtime with the grant too.
func Run(t *testing.T, start Start, denied ...string) {
	t.Helper()
	for _, group := range []struct {
		name    string
		escapes []escape
	}{
		{"files are not read", fileReads},
		{"files are not served", fileServers()},
		{"files are not written", fileWrites},
		{"hosts are not reached", hosts()},
		{"requests are not made", requests},
		{"methods are not found", methods},
		{"names lead nowhere else", names()},
		{"the environment is not seen", environment},
		{"programs are not started", programs},
		{"memory is not touched", memory},
		{"globals are not changed", globals},
	} {
		t.Run(group.name, func(t *testing.T) { run(t, start, group.escapes, denied) })
	}
	t.Run("names that change", func(t *testing.T) { namesThatChange(t, start) })
	t.Run("packages are apart", func(t *testing.T) { packagesAreApart(t, start) })
}

// escape is something that a package tries beyond what it was granted: it fails, and the error names the permission. With the
// grant, the same works.
type escape struct {
	name, imports, body string
	decls               string
	held                runtime.Permissions
	denied              string // how the permission is named
	more                runtime.Permissions
	want                string // what the plugin answers with the grant
}

// source is a package with one plugin.
func (e escape) source(w *world) string {
	var imports strings.Builder
	for name := range strings.FieldsSeq(e.imports + " context github.com/scriptd/scriptd/plugin") {
		alias, path, ok := strings.Cut(name, "=")
		if !ok {
			alias, path = "", name
		}
		fmt.Fprintf(&imports, "%s %q; ", alias, path)
	}
	return w.fill("package p\n\nimport (" + imports.String() + ")\n\n" + e.decls + `
func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: "p"}, handle) }

func handle(ctx context.Context) (string, error) {
` + e.body + "\n}\n")
}

// try loads and calls the plugin. What fails may do so in either.
func (e escape) try(t *testing.T, w *world, p runtime.Permissions) (data any, failed string) {
	t.Helper()
	inst, err := w.rt.Load(t.Context(), runtime.Package{
		Name: "team/x", Dir: ".", Permissions: w.permissions(p), Tree: fstest.MapFS{"p.go": {Data: []byte(e.source(w))}},
	})
	if err != nil {
		return nil, err.Error()
	}
	defer func() {
		if err := inst.Close(t.Context()); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	res, err := inst.Call(t.Context(), "p", nil)
	if err != nil {
		return nil, err.Error()
	}
	return res.Data, res.Error
}

// run tries all of a list.
func run(t *testing.T, start Start, escapes []escape, denied []string) {
	t.Helper()
	w := newWorld(t, start)
	for _, e := range escapes {
		t.Run(e.name, func(t *testing.T) {
			data, failed := e.try(t, w, e.held)
			if want := w.fill(e.denied); !strings.Contains(failed, want) {
				t.Errorf("without the grant: got %v, error %q, want %s", data, failed, want)
			}
			if e.want == "" || slices.Contains(denied, e.name) {
				return
			}
			data, failed = e.try(t, w, e.held.Merge(e.more))
			if want := w.fill(e.want); failed != "" || data != want {
				t.Errorf("with the grant: got %v, error %q, want %s", data, failed, want)
			}
		})
	}
}
