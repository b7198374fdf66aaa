// Package table has the symbols of the host's packages.
package table

//go:generate go run github.com/scriptd/scriptd/cmd/scriptd extract -o table_gen.go .. ../audit
