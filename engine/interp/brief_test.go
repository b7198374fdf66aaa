package interp

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

const briefSource = `package p

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

type P struct{ N int }

type Own struct{}

func (Own) MarshalJSON() ([]byte, error) { return []byte("1"), nil }

type Loops struct{}

func (*Loops) UnmarshalJSON([]byte) error { for {} }

type Panics struct{}

func (*Panics) UnmarshalJSON([]byte) error { panic("no JSON today") }

func Register(r *plugin.Registrar) error {
	for _, err := range []error{
		r.Add(plugin.Spec{Name: "literal"}, func(_ context.Context, p P) (int, error) { return 10 / p.N, nil }),
		r.Add(plugin.Spec{Name: "named"}, named),
		r.Add(plugin.Spec{Name: "loop"}, func(context.Context) (int, error) { for i := range 3 { _ = i }; return 1, nil }),
		r.Add(plugin.Spec{Name: "any"}, func(context.Context) (any, error) { return Own{}, nil }),
		r.Add(plugin.Spec{Name: "own"}, func(context.Context) ([]Own, error) { return nil, nil }),
		r.Add(plugin.Spec{Name: "loops"}, func(context.Context, struct{ A []*Loops }) error { return nil }),
		r.Add(plugin.Spec{Name: "panics"}, func(context.Context, struct{ A *Panics }) error { return nil }),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func named(_ context.Context, p P) (int, error) {
	return 10 / p.N, nil
}
`

func loadBrief(t *testing.T, broken func(error)) *instance {
	t.Helper()
	inst, err := New().Load(t.Context(), runtime.Package{
		Name: "test/p", Dir: ".", Tree: fstest.MapFS{"p.go": {Data: []byte(briefSource)}}, Grace: 10 * time.Millisecond, Broken: broken,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = inst.Close(context.Background()) })
	return inst.(*instance)
}

// What surely ends soon is called where its caller is, and all else is not.
func TestBriefHandlers(t *testing.T) {
	in := loadBrief(t, nil)
	for name, want := range map[string]bool{
		"literal": true, "named": true, "loop": false, "any": false, "own": false, "loops": false, "panics": false,
	} {
		if got := in.handlers[name].brief; got != want {
			t.Errorf("%s: got %v", name, got)
		}
	}
	for _, name := range []string{"literal", "named"} {
		res, err := in.Call(t.Context(), name, map[string]any{"N": 5.0})
		if err != nil || !res.Success || res.Data != 2.0 {
			t.Errorf("%s: got %+v, %v", name, res, err)
		}
		res, err = in.Call(t.Context(), name, map[string]any{"N": 0.0})
		if err != nil || res.Success || !strings.Contains(res.Error, "p.go:") || !strings.Contains(res.Error, "divide by zero") || res.Stack == "" {
			t.Errorf("%s: got %+v, %v", name, res, err)
		}
	}
}

// Methods of the package that decode are as bounded as its handlers are.
func TestDecodingIsBounded(t *testing.T) {
	stuck := make(chan error, 1)
	in := loadBrief(t, func(err error) { stuck <- err })
	res, err := in.Call(t.Context(), "panics", map[string]any{"A": 1.0})
	if err != nil || res.Success || !strings.Contains(res.Error, "no JSON today") {
		t.Errorf("got %+v, %v", res, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := in.Call(ctx, "loops", map[string]any{"A": []any{1.0}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := <-stuck; !errors.Is(err, runtime.ErrStuck) {
		t.Errorf("got %v", err)
	}
}

// Brief calls that run while their instance is closed come to an answer, or to ErrStopped.
func TestBriefCallsAreClosed(t *testing.T) {
	for range 20 {
		in := loadBrief(t, nil)
		var callers sync.WaitGroup
		for range 4 {
			callers.Go(func() {
				for {
					res, err := in.Call(context.Background(), "named", map[string]any{"N": 2.0})
					if errors.Is(err, runtime.ErrStopped) {
						return
					}
					if err != nil || res.Data != 5.0 {
						t.Errorf("got %+v, %v", res, err)
						return
					}
				}
			})
		}
		time.AfterFunc(time.Millisecond, func() { _ = in.Close(context.Background()) })
		callers.Wait()
	}
}

// The function that an interpreter's function is made of is found, and everything else is called as it is.
func TestDirect(t *testing.T) {
	if made.word == 0 {
		t.Error("this release of Go makes functions in a way that is not known")
	}
}
