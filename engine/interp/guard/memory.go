package guard

import (
	"os"
	"reflect"
	"unsafe"

	"github.com/scriptd/scriptd/engine/symbols"
)

// memoryFuncs are methods that nobody without all permissions gets to call, in whatever way they are found: what they give away
// is the end of types.
func memoryFuncs(g *Guard) map[string]any {
	return map[string]any{
		"(reflect.Value).UnsafePointer": func(reflect.Value) unsafe.Pointer { panic(g.denied(symbols.All, "")) },
		"(reflect.Value).SetPointer":    func(reflect.Value, unsafe.Pointer) { panic(g.denied(symbols.All, "")) },
	}
}

// openFileFuncs are methods of open files that change what only was opened, or the process.
func openFileFuncs(g *Guard) map[string]any {
	return map[string]any{
		"(*os.File).Chdir": func(f *os.File) error { return plain("chdir", f.Name(), g.denied(symbols.All, "")) },
		"(*os.File).Chmod": func(f *os.File, mode os.FileMode) error {
			if err := g.mayChange(f); err != nil {
				return plain("chmod", f.Name(), err)
			}
			return f.Chmod(mode)
		},
		"(*os.File).Chown": func(f *os.File, uid, gid int) error {
			if err := g.mayChange(f); err != nil {
				return plain("chown", f.Name(), err)
			}
			return f.Chown(uid, gid)
		},
	}
}

// mayChange reports whether an open file is one that may be written: that which its name leads to.
func (g *Guard) mayChange(f *os.File) error {
	if f == nil {
		return nil // which the method says
	}
	info, err := f.Stat()
	if err != nil {
		return cause(err)
	}
	return g.at(f.Name(), writing, true, func(p place) error {
		there, err := p.root.Stat(p.name)
		if err == nil && !os.SameFile(info, there) {
			err = g.denied(symbols.Write, p.path)
		}
		return err
	})
}
