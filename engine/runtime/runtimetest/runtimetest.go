// Package runtimetest is the suite that every runtime.Runtime passes:
//
//	func TestRuntime(t *testing.T) {
//		runtimetest.Run(t, func(t *testing.T) runtime.Runtime { return interp.New() })
//	}
//
// Its cases are the sentences of runtime.Runtime and runtime.Instance, and what the plugin author's guide says that a
// package may do and can rely on.
package runtimetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// Run runs the suite. Each case has a Runtime of its own, which ends with the case's t.
func Run(t *testing.T, start func(t *testing.T) runtime.Runtime) {
	t.Helper()
	for _, group := range []struct {
		name  string
		cases []testCase
	}{
		{"Load", loadCases()},
		{"Source", sourceCases()},
		{"Packages", packageCases()},
		{"Register", registerCases()},
		{"Handlers", handlerCases()},
		{"Results", resultCases()},
		{"Parameters", paramCases()},
		{"Failures", failureCases()},
		{"Stacks", stackCases()},
		{"Config", configCases()},
		{"Calls", callCases()},
		{"Surroundings", surroundingCases()},
		{"Health", healthCases()},
		{"Close", closeCases()},
		{"Stuck", stuckCases()},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.cases {
				t.Run(c.name, func(t *testing.T) { c.run(&trial{T: t, rt: start(t)}) })
			}
		})
	}
}

// testCase is a promise, and how it is put to the test.
type testCase struct {
	name string
	run  func(*trial)
}

// trial is what a case has: its test and its runtime.
type trial struct {
	*testing.T
	rt runtime.Runtime
}

// patience bounds what has to happen some time.
const patience = 30 * time.Second

// tree makes a tree of a txtar archive. Text without a header is the file p/p.go.
func tree(archive string) fs.FS {
	files := fstest.MapFS{}
	a := txtar.Parse([]byte(archive))
	if len(a.Files) == 0 {
		a.Files = []txtar.File{{Name: "p/p.go", Data: a.Comment}}
	}
	for _, f := range a.Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return files
}

// source is a package p with one plugin p, whose handler is the function handle of the body. The body begins in line 3.
func source(body string, imports ...string) string {
	var b strings.Builder
	b.WriteString(`package p; import ("context"; "github.com/scriptd/scriptd/plugin"`)
	for _, i := range imports {
		fmt.Fprintf(&b, "; %q", i)
	}
	b.WriteString(`); var _ context.Context
func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: "p"}, handle) }
`)
	return b.String() + body + "\n"
}

// of returns the package in the folder p of an archive.
func of(archive string) runtime.Package {
	return runtime.Package{Name: "test/p", Revision: "r1", Tree: tree(archive), Dir: "p"}
}

// load loads a package that has to load. It is closed with the test.
func (t *trial) load(p runtime.Package) runtime.Instance {
	t.Helper()
	inst, err := t.rt.Load(t.Context(), p)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := inst.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return inst
}

// refused loads a package whose source is at fault, and returns the problems.
func (t *trial) refused(p runtime.Package) runtime.Problems {
	t.Helper()
	inst, err := t.rt.Load(t.Context(), p)
	if err == nil {
		t.Fatalf("loaded, with the plugins %v", inst.Plugins())
	}
	var problems runtime.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("error %v (%T), want runtime.Problems", err, err)
	}
	return problems
}

// refusedWith loads a package whose source has one problem.
func (t *trial) refusedWith(p runtime.Package, want string) {
	t.Helper()
	if got := t.refused(p).Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// call calls a plugin, whose context has to be good enough.
func (t *trial) call(inst runtime.Instance, name string, params map[string]any) plugin.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	res, err := inst.Call(ctx, name, params)
	if err != nil {
		t.Fatalf("call %s: %v", name, err)
	}
	return res
}

// answers calls the plugin p and compares what it answers, as JSON. A failure is no answer.
func (t *trial) answers(inst runtime.Instance, params map[string]any, want string) {
	t.Helper()
	res := t.call(inst, "p", params)
	if !res.Success || res.Error != "" {
		t.Errorf("failed: %s", res.Error)
		return
	}
	t.sameJSON(res.Data, want)
}

// sameJSON compares a JSON value with a JSON text, and makes sure that it is one.
func (t *trial) sameJSON(got any, want string) {
	t.Helper()
	if err := onlyJSON(got); err != nil {
		t.Errorf("no JSON value: %v", err)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Errorf("encode %v: %v", got, err)
	}
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

// onlyJSON reports what is in a value that no JSON decoder makes.
func onlyJSON(v any) error {
	switch v := v.(type) {
	case nil, bool, float64, string, json.Number:
		return nil
	case []any:
		for _, e := range v {
			if err := onlyJSON(e); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		for _, e := range v {
			if err := onlyJSON(e); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("%v (%T)", v, v)
	}
}

// fails calls the plugin p, which has to fail.
func (t *trial) fails(inst runtime.Instance, params map[string]any) plugin.Result {
	t.Helper()
	res := t.call(inst, "p", params)
	if res.Success || res.Error == "" {
		t.Errorf("answered %+v, want a failure", res)
	}
	return res
}
