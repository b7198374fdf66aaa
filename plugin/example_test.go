package plugin_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/scriptd/scriptd/plugin"
)

// Params are the parameters of the plugin hello.
type Params struct {
	Name string `json:"name" default:"world" doc:"whom to greet"`
}

// Register is the entry point of a plugin package.
func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{Name: "hello", Description: "Greet somebody"}, hello)
}

func hello(_ context.Context, p Params) (string, error) {
	return "hello, " + p.Name, nil
}

// A plugin package has a function Register. The engine calls it with a Registrar, and a plugin's own test may do so
// with a Host of its own.
func Example() {
	h := &host{}
	if err := Register(plugin.NewRegistrar(h)); err != nil {
		fmt.Println(err)
		return
	}
	call := h.handlers["hello"].(func(context.Context, Params) (string, error))
	answer, err := call(context.Background(), Params{Name: "Ada"})
	fmt.Println(h.specs[0].Name, "-", h.specs[0].Description)
	fmt.Println(answer, err)
	// Output:
	// hello - Greet somebody
	// hello, Ada <nil>
}

func ExampleInvalid() {
	err := plugin.Invalid("since: want a time before until")
	fmt.Println(err, plugin.IsInvalid(err))
	// Output: since: want a time before until true
}

func ExampleRetryable() {
	err := fmt.Errorf("query: %w", plugin.Retryable(errors.New("connection refused")))
	fmt.Println(err, plugin.IsRetryable(err))
	// Output: query: connection refused true
}

func ExampleProgress() {
	// What the engine does: it listens to the call.
	ctx := plugin.WithCall(context.Background(), &plugin.Call{
		Progress: func(done, total int, note string) { fmt.Printf("%d/%d %s\n", done, total, note) },
	})
	// What a handler does: it tells how far it is.
	for i, host := range []string{"db1", "db2"} {
		plugin.Progress(ctx, i+1, 2, "checked "+host)
	}
	// Output:
	// 1/2 checked db1
	// 2/2 checked db2
}
