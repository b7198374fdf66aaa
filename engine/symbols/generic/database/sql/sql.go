// Package sql is the generic part of the standard package database/sql, for plugins.
package sql

import (
	"database/sql/driver"

	"github.com/scriptd/scriptd/engine/symbols/generic/host"
)

// Null is a value that a database may have or not have.
type Null[T any] struct {
	V     T
	Valid bool
}

// Scan sets n to a value of a database. It implements sql.Scanner.
func (n *Null[T]) Scan(value any) error {
	var zero T
	if n.Valid = value != nil; !n.Valid {
		n.V = zero
		return nil
	}
	if scanner, ok := any(&n.V).(interface{ Scan(src any) error }); ok {
		return scanner.Scan(value)
	}
	return scan(&n.V, value)
}

// scan passes the pointer itself to the host: that is what happens to what has the type of a type parameter.
func scan[P any](to P, value any) error {
	return host.Scan(to, value)
}

// Value returns V as a database takes it, and nil where it is not valid. It implements driver.Valuer.
func (n Null[T]) Value() (driver.Value, error) {
	if !n.Valid {
		return nil, nil
	}
	valuer, ok := any(n.V).(driver.Valuer)
	if !ok {
		return host.DriverValue(n.V)
	}
	v, err := valuer.Value()
	if err != nil {
		return v, err
	}
	return host.DriverValue(v)
}
