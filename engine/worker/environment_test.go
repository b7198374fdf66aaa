//go:build unix

package worker_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker"
)

// A package that may can profile the memory of its process: that the start is left out of it changes nothing.
func TestMemoryProfile(t *testing.T) {
	inst := load(t, open(t, worker.Options{}), runtime.Package{
		Name: "test/profile", Dir: ".", Permissions: runtime.Permissions{All: true}, Tree: fstest.MapFS{"p.go": {Data: []byte(`package p

import (
	"bytes"
	"context"
	"runtime/pprof"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: "p"}, profile) }

var kept [][]byte

func profile(context.Context, struct{}) (string, error) {
	for range 64 {
		kept = append(kept, bytes.Repeat([]byte("x"), 1<<20))
	}
	var b bytes.Buffer
	err := pprof.Lookup("allocs").WriteTo(&b, 1)
	return b.String(), err
}
`)}},
	})
	res, err := inst.Call(t.Context(), "p", nil)
	if text, _ := res.Data.(string); err != nil || !strings.Contains(text, "bytes.Repeat") {
		t.Errorf("got %.300s, %v", text, err)
	}
}
