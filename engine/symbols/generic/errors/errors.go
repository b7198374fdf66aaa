// Package errors is the generic part of the standard package of that name, for plugins.
package errors

import "errors"

// AsType returns the first error of type E in the tree of err, as errors.As finds it, and whether there is one.
func AsType[E error](err error) (E, bool) {
	var found, none E
	if err == nil || !errors.As(err, &found) {
		return none, false
	}
	return found, true
}
