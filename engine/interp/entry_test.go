package interp

import (
	"io"
	"reflect"
	"testing"
	"testing/fstest"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/interp/rt"
)

// entry returns a function of a program of one file as the interpreter has it.
func entry(tb testing.TB, source, name string) reflect.Value {
	tb.Helper()
	r := New()
	prog, err := check.Check(check.Config{Tree: fstest.MapFS{"p/p.go": {Data: []byte(source)}}, Dir: "p", Importer: r.universe})
	if err != nil {
		tb.Fatal(err)
	}
	boxes := box.NewProgram(r.universe)
	replaced := standIns{boxes: boxes}
	out, err := r.lowered(prog, name, replaced, nil)
	if err != nil {
		tb.Fatal(err)
	}
	i := interp.New(interp.Options{Unrestricted: true, Stderr: io.Discard})
	stoppable(i, make(chan struct{}))
	tables, err := r.tables(out, rt.New(rt.Config{Universe: r.universe}, out, boxes), replaced, nil)
	if err != nil {
		tb.Fatal(err)
	}
	if err := i.Use(tables); err != nil {
		tb.Fatal(err)
	}
	if err := compileText(i, out.Text); err != nil {
		tb.Fatal(err)
	}
	f, err := start(i)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}
