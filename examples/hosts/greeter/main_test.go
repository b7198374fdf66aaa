package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/examples/hosts/greeter/symbols"
)

var update = flag.Bool("update", false, "write down what the program prints")

func TestMain(m *testing.M) {
	engine.ServeWorker(symbols.Symbols)
	os.Exit(m.Run())
}

// What the experiments come to does not depend on where plugins run.
func TestOutcomes(t *testing.T) {
	const golden = "testdata/outcomes.txt"
	for _, isolation := range []engine.Isolation{engine.IsolationNone, engine.IsolationProcess} {
		t.Run(string(isolation), func(t *testing.T) {
			var out bytes.Buffer
			if err := run(t.Context(), &out, isolation); err != nil {
				t.Fatalf("%v, after\n%s", err, out.String())
			}
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if out.String() != string(want) {
				t.Errorf("got\n%s\nwant\n%s", out.String(), want)
			}
		})
	}
}
