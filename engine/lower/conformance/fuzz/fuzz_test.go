package fuzz_test

import (
	"bytes"
	"go/format"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/lower/conformance/fuzz"
	"github.com/scriptd/scriptd/engine/symbols"
)

// Programs are the same for the same seeds, and valid.
func TestBatch(t *testing.T) {
	var seeds []uint64
	for i := range uint64(200) {
		seeds = append(seeds, i)
	}
	src := fuzz.Batch(seeds)
	if !bytes.Equal(src, fuzz.Batch(seeds)) {
		t.Error("two runs make different programs")
	}
	if _, err := format.Source(src); err != nil {
		t.Error(err)
	}
	_, err := check.Check(check.Config{Tree: fstest.MapFS{"main.go": {Data: src}}, Dir: ".", Importer: symbols.Std()})
	if err != nil {
		t.Error(err)
	}
}
