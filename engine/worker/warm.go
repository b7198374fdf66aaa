//go:build unix

package worker

import (
	"context"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

// warmTime bounds how long a process gets ready for its package.
const warmTime = 10 * time.Second

// warmPackage uses what most packages use.
const warmPackage = `package warm

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

type Params struct {
	Name string
}

func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: "warm"}, warm) }

func warm(_ context.Context, p Params) (string, error) { return "warm, " + p.Name, nil }
`

// warm loads a package and calls it, so that the first one that counts finds the symbol tables made and the code in
// memory. What goes wrong here will be told by that one.
func warm(rt runtime.Runtime) {
	ctx, cancel := context.WithTimeout(context.Background(), warmTime)
	defer cancel()
	inst, err := rt.Load(ctx, runtime.Package{
		Name: "warm", Dir: ".",
		Tree: &childTree{ctx: ctx, have: prefetched{
			files:   map[string][]byte{"warm.go": []byte(warmPackage)},
			folders: map[string][]entry{".": {{name: "warm.go", size: int64(len(warmPackage))}}},
		}},
	})
	if err != nil {
		return
	}
	_, _ = inst.Call(ctx, "warm", map[string]any{"Name": "up"})
	_ = inst.Close(ctx)
}
