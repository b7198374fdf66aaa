package interp_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
)

// What a plugin decoded with UseNumber stays a number where its static type is any.
func TestNumbersInAny(t *testing.T) {
	const source = `package numbers

import (
	"context"
	"encoding/json"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{Name: "numbers"}, numbers)
}

func numbers(_ context.Context) (any, error) {
	return map[string]any{
		"short": json.Number("1"), "exact": json.Number("9007199254740993"),
		"list": []any{json.Number("2.5")}, "text": "1",
	}, nil
}
`
	inst, err := interp.New().Load(t.Context(), runtime.Package{
		Name: "test/numbers", Tree: fstest.MapFS{"numbers/numbers.go": {Data: []byte(source)}}, Dir: "numbers",
	})
	if err != nil {
		t.Fatal(err)
	}
	res, err := inst.Call(t.Context(), "numbers", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"short": 1.0, "exact": json.Number("9007199254740993"), "list": []any{2.5}, "text": "1",
	}
	if !reflect.DeepEqual(res.Data, want) {
		t.Errorf("got %#v, want %#v", res.Data, want)
	}
}
