package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
	"github.com/scriptd/scriptd/sources"
)

// The exit statuses. From 64 on they have the meaning of sysexits.h.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitUnconfirmed = 4
	exitTimeout     = 5
	exitSource      = 65
	exitInternal    = 70
	exitRetry       = 75
	exitConfig      = 78
	exitInterrupted = 130
)

const exitHelp = `Exit status:
  0    success
  1    the plugin failed
  2    usage, or parameters that are not valid
  3    no such plugin, package or version
  4    a remediation plugin that nobody confirmed
  5    timed out
  65   the source is not valid Go, or is refused
  70   a fault of scriptd itself
  75   failed, worth a retry
  78   the configuration, or a source that cannot work as it is configured
  130  interrupted`

// exitError is an error that comes with its exit status. A nil err has been reported already.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// programStatus is the exit status of a program, which is passed on whatever became of scriptd meanwhile.
type programStatus int

func (s programStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

func usageError(err error) error { return &exitError{status: exitUsage, err: err} }

func usagef(format string, args ...any) error { return usageError(fmt.Errorf(format, args...)) }

// exitStatus is the one place where errors become exit statuses.
func exitStatus(err error) int {
	if err == nil {
		return exitOK
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.status
	}
	if _, ok := errors.AsType[config.Errors](err); ok {
		return exitConfig
	}
	if _, ok := errors.AsType[runtime.Problems](err); ok {
		return exitSource
	}
	if _, ok := errors.AsType[*sources.Error](err); ok {
		if sources.KindOf(err) == sources.Transient {
			return exitRetry
		}
		return exitConfig
	}
	switch {
	case errors.Is(err, engine.ErrInvalid):
		return exitUsage
	case errors.Is(err, engine.ErrSyncs):
		return exitConfig
	case errors.Is(err, engine.ErrNotFound), errors.Is(err, engine.ErrNoPackage), errors.Is(err, engine.ErrNoVersion):
		return exitNotFound
	case errors.Is(err, engine.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		return exitTimeout
	case errors.Is(err, engine.ErrBusy), errors.Is(err, engine.ErrStopped), errors.Is(err, engine.ErrQuarantined),
		errors.Is(err, engine.ErrCrashed):
		return exitRetry
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	default:
		return exitInternal
	}
}

// answerStatus is the exit status for what a plugin answered.
func answerStatus(res plugin.Result) int {
	switch {
	case res.Success:
		return exitOK
	case res.Invalid:
		return exitUsage
	case res.Retry:
		return exitRetry
	default:
		return exitFailed
	}
}

// severity orders the statuses of several failures: the one that waiting cannot mend comes first.
func severity(status int) int {
	switch status {
	case exitOK:
		return 0
	case exitRetry:
		return 1
	case exitSource:
		return 2
	default:
		return 3
	}
}
