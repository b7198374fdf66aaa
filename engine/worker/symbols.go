package worker

import (
	"maps"
	"slices"

	"github.com/scriptd/scriptd/engine/worker/wire"
)

func appendSymbols(p *wire.Payload, symbols map[string]string) {
	p.Uint(uint64(len(symbols)))
	for _, path := range slices.Sorted(maps.Keys(symbols)) {
		p.String(path)
		p.String(symbols[path])
	}
}

func decodeSymbols(d *wire.Decoder) map[string]string {
	n := d.Count()
	if n == 0 {
		return nil
	}
	symbols := make(map[string]string, n)
	for range n {
		path := d.String()
		symbols[path] = d.String()
	}
	return symbols
}
