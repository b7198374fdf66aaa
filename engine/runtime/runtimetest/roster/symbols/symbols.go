// Package symbols has the symbol table of package roster.
package symbols

//go:generate go run github.com/scriptd/scriptd/cmd/scriptd extract -o symbols_gen.go ..
