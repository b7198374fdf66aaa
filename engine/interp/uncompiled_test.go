package interp

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
)

// What the interpreter does not compile is refused with a place, in whichever way it says so.
func TestUncompiled(t *testing.T) {
	prog, err := check.Check(check.Config{
		Tree: fstest.MapFS{"p/main.go": {Data: []byte("package main\n\nfunc main() {\n\tif true {\n\t\tprint(1); print(2)\n\t}\n}\n")}},
		Dir:  "p", Importer: symbols.Std(),
	})
	if err != nil {
		t.Fatal(err)
	}
	in := &instance{pkg: runtime.Package{Dir: "p"}}
	for _, test := range []struct{ name, message, want string }{
		{
			"a line", "/p/main.go/x:5: label next10 undefined",
			"p/main.go:5:3: not supported by the interpreter: what is written here (the interpreter does not compile what becomes of it: label next10 undefined; write it in another way)",
		},
		{
			"a line and a column", "/p/main.go/x:4:99: CFG post-order panic: boom",
			"p/main.go:4:2: not supported by the interpreter: what is written here (the interpreter does not compile what becomes of it: CFG post-order panic: boom; write it in another way)",
		},
		{
			"no line", "boom",
			"p/main.go:1:1: not supported by the interpreter: what is written here (the interpreter does not compile what becomes of it: boom; write it in another way)",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := in.uncompiled(errors.New(test.message), prog)
			if got := err.Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if !IsRefusal(err) {
				t.Error("it is no refusal")
			}
		})
	}
	if err := compileText(interp.New(interp.Options{}), []byte("package main\nfunc Start() { goto L }\n")); err == nil {
		t.Error("an undefined label compiles")
	}
}
