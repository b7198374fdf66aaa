// Package symbols has the symbol tables of the host's contracts.
package symbols

//go:generate go run github.com/scriptd/scriptd/cmd/scriptd extract -o symbols_gen.go ../v1 ../v2 ../draft
