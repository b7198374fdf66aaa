// Package symbols has the symbol table of package usersync, which plugins import.
package symbols

//go:generate go run github.com/scriptd/scriptd/cmd/scriptd extract -o symbols_gen.go github.com/scriptd/scriptd/examples/hosts/usersync/usersync
