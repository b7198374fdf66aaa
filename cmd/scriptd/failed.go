package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
)

// sourceError is why a source does not serve what its origin has.
type sourceError struct {
	source string
	err    error
}

func (e *sourceError) Unwrap() error { return e.err }

// Error lists problems in source code one to a line.
func (e *sourceError) Error() string {
	problems, ok := errors.AsType[runtime.Problems](e.err)
	if !ok {
		return fmt.Sprintf("source %s: %v", e.source, e.err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "source %s:", e.source)
	for _, p := range problems {
		fmt.Fprintf(&b, "\n  %s", p)
	}
	return b.String()
}

// failedSources returns the errors of all sources as one, with the exit status of the worst, or nil.
func failedSources(list []engine.SourceStatus) error {
	var errs []error
	for _, s := range list {
		if s.Err != nil {
			errs = append(errs, &sourceError{s.Name, s.Err})
		}
	}
	return worst(errs)
}

// worst joins errors under the exit status of the gravest, or returns nil for none.
func worst(errs []error) error {
	status := exitOK
	for _, err := range errs {
		if s := exitStatus(err); severity(s) > severity(status) {
			status = s
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return &exitError{status, errors.Join(errs...)}
}

// warn prints an error that does not fail the verb.
func (a *app) warn(err error) {
	if err != nil {
		fmt.Fprintln(a.stderr, "scriptd:", err)
	}
}
