package symbols

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
)

// Fingerprints tell tables of a host's packages apart: for each package that a host has added, by import path, a text that
// is another one where the names, the types or the constants of its table are others.
func (u *Universe) Fingerprints() map[string]string {
	prints := make(map[string]string, len(u.offered))
	for _, p := range u.offered {
		prints[p] = u.table(p).fingerprint()
	}
	return prints
}

func (t *table) fingerprint() string {
	h := sha256.New()
	fmt.Fprintln(h, t.Path, t.Name)
	symbols := t.symbols()
	for _, name := range slices.Sorted(maps.Keys(symbols)) {
		v := symbols[name]
		if value, ok := constantOf(v); ok {
			fmt.Fprintln(h, name, v.Type(), value.ExactString())
			continue
		}
		fmt.Fprintln(h, name, v.CanAddr(), v.Type())
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}
