//go:build unix

package worker_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker"
)

// A package that may can profile the memory of its process, from its initialisation on; and what it starts has the settings of its host.
func TestMemoryProfile(t *testing.T) {
	t.Setenv("GODEBUG", "panicnil=0")
	inst := load(t, open(t, worker.Options{}), runtime.Package{
		Name: "test/profile", Dir: ".", Permissions: runtime.Permissions{All: true}, Tree: fstest.MapFS{"p.go": {Data: []byte(`package p

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"runtime/pprof"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	return errors.Join(r.Add(plugin.Spec{Name: "profile"}, profile), r.Add(plugin.Spec{Name: "settings"}, settings))
}

var kept = bytes.Repeat([]byte("x"), 64<<20)

func profile(context.Context, struct{}) (string, error) {
	var b bytes.Buffer
	err := pprof.Lookup("heap").WriteTo(&b, 1)
	return b.String() + string(kept[:0]), err
}

func settings(ctx context.Context, _ struct{}) (string, error) {
	out, err := exec.CommandContext(ctx, "sh", "-c", "echo $GODEBUG").Output()
	return string(out), err
}
`)}},
	})
	for plugin, want := range map[string]string{"profile": "bytes.Repeat", "settings": "panicnil=0,tracebacklabels=1\n"} {
		res, err := inst.Call(t.Context(), plugin, nil)
		if text, _ := res.Data.(string); err != nil || !strings.Contains(text, want) {
			t.Errorf("%s: got %.300q, %v, want %q", plugin, text, err, want)
		}
	}
}
