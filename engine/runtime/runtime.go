// Package runtime is the seam between the engine and what executes plugin packages. A Runtime loads a package into an
// Instance; the engine calls the plugins of the instance and closes it when the next one has taken its place.
//
// Implementations are engine/interp, in this process, and engine/worker, in a child process. Both pass the suite of
// runtime/runtimetest.
package runtime

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"reflect"
	"strings"
	"time"

	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/plugin"
)

// Package is one package of a tree, with what it is given by its configuration.
type Package struct {
	// Name identifies the package in an engine: SOURCE/PATH.
	Name string
	// Revision is the revision of the tree, for logs.
	Revision string
	// Tree holds the files, and Dir is the package's folder in it, "." for its root.
	Tree fs.FS
	Dir  string
	// Permissions are what the package may use. The zero value allows nothing.
	Permissions Permissions
	// Limits are how much it may use. They are kept by runtimes that give it a process of its own.
	Limits Limits
	// Group tells which packages may share what executes them: those of one Group, which is not empty. A runtime that gives each
	// package a process of its own then gives one to all of them; others need not heed it. An empty Group shares with nobody.
	Group string
	// GroupPermissions are what all packages of the group together may use, and GroupLimits how much. A process is confined once,
	// before the first of them runs: to GroupPermissions, with those of the package that is first where they are not among them. So
	// the packages of a group are given the same ones. Each package is still held to its own Permissions, by what interprets it. Of
	// its own Limits, that of output holds. A package that comes with other GroupPermissions or GroupLimits than those that run, or
	// may use what is not among them, gets a process with its own; the group's later ones join it there.
	GroupPermissions Permissions
	GroupLimits      Limits
	// Config is what Registrar.Config decodes. Nil is none.
	Config map[string]any
	// Contracts are those that it may implement, and Services what it may use of the host.
	Contracts []*contract.Contract
	Services  []Service
	// Log receives what the package logs and prints outside of a call, or without its context. Nil discards it.
	Log *slog.Logger
	// Grace is how long a call may go on after its context has ended before the instance counts as broken. Zero is one
	// second.
	Grace time.Duration
	// Broken is called, at most once and on a goroutine of its own, when the instance should be replaced: a call, or a
	// function of Health, did not end within Grace (ErrStuck), or what executes it is gone (ErrCrashed), or is to be replaced
	// for the sake of others (ErrDisplaced). The instance goes on with what it still can do until it is closed, which Broken may
	// do itself. Nil is nobody to tell.
	Broken func(error)
}

// ErrStuck is what Package.Broken is told where a call does not end though its context has.
var ErrStuck = errors.New("a call does not end though its context has ended")

// ErrDisplaced is what Package.Broken is told where nothing is wrong with the instance, but with what it shares with its group: a
// package that was closed has left something behind that does not end. It ends when the last instance is closed that is executed
// by the same.
var ErrDisplaced = errors.New("what executes the package is to be replaced")

// ErrStopped is returned by Instance.Call for a call that Close cut off. What the plugin answered, if anything, is not
// what it meant to.
var ErrStopped = errors.New("the call was stopped")

// Runtime loads packages. It is safe for concurrent use.
type Runtime interface {
	// Load checks a package, loads it and runs its Register. Where the source is at fault, the error is Problems; a
	// Register that fails and a panic while loading are among them. Nothing of a failed load is left behind: what it
	// registered with OnClose is run. The end of ctx ends a load, whatever the package does.
	Load(ctx context.Context, p Package) (Instance, error)
}

// Instance is a loaded package. It is safe for concurrent use.
type Instance interface {
	// Plugins returns what the package registered, sorted by name. The caller does not change it.
	Plugins() []Plugin
	// Call runs a plugin with parameters that are valid under its schema: JSON values (nil, bool, float64, json.Number,
	// string, []any, map[string]any; other numbers are allowed). What the plugin answers, failure and panic included,
	// is in the result; its Data is a JSON value. The error is about the call itself: the context's when it ended first,
	// whether the plugin heeded it or not, or an error of the runtime: ErrStopped, for one, after Close.
	Call(ctx context.Context, name string, params map[string]any) (plugin.Result, error)
	// Implementations returns what the package provides for contracts, sorted by Key. The caller does not change it.
	Implementations() []Implementation
	// Invoke calls a method of the implementation with that number in Implementations. Args are those of the method's type, the
	// ones of a variadic parameter as a slice; in the place of the context, where the method takes one, the method gets ctx.
	// What it returns, an error included, are the results. The error is about the call itself, as that of Call is; it is a
	// PanicError where the method panicked, and ErrNotImplemented where the implementation does not have it.
	Invoke(ctx context.Context, implementation, method int, args []reflect.Value) ([]reflect.Value, error)
	// Health asks the functions that the package registered with Health, one after the other, and returns the first
	// error; a panic is one. It returns when ctx ends, whatever they do, and asks nothing after that, or after Close.
	Health(ctx context.Context) error
	// Close waits for calls that still run, whose callers gave up, say, at most for Grace. Those that do not end by then fail
	// with ErrStopped: that is no error of Close. It runs what OnClose registered, the last first, and then stops what of the
	// package still runs, as far as that can be done, and frees the instance, each as long as ctx allows. The errors and
	// panics of what it runs are in the error. Only the first Close does anything; all return the same.
	Close(ctx context.Context) error
}

// EndKey is a key of the contexts that an engine calls with. Its value is a <-chan struct{} that is closed when the context
// ends, as the one of Done is, but for the first millisecond, in which only the call's own time is heard of and not the
// caller's going away. It costs less than Done, which a short call can feel.
type EndKey struct{}

// End returns the cheapest channel that tells of the end of a call's context; nil where it has none.
func End(ctx context.Context) <-chan struct{} {
	if end, ok := ctx.Value(EndKey{}).(<-chan struct{}); ok {
		return end
	}
	return ctx.Done()
}

// Abandoner is a Runtime that cannot end everything: compiled code that waits for a lock, for example.
type Abandoner interface {
	Runtime
	// Abandoned counts the calls that still run though their instance was closed, functions that packages registered and
	// loads among them.
	Abandoned() int
}

// Plugin is what a package registered.
type Plugin struct {
	plugin.Spec
	// Schema is the JSON Schema of the parameters: Spec.Parameters, or what was derived from the handler.
	Schema map[string]any
	// File, Line and Column are where it was registered: the handler in the call of Add.
	File         string
	Line, Column int
}

// Problemf makes a Problem at the place where the plugin was registered.
func (p Plugin) Problemf(format string, args ...any) Problem {
	return Problem{File: p.File, Line: p.Line, Column: p.Column, Message: fmt.Sprintf(format, args...)}
}

// Problem is a fault in plugin source.
type Problem struct {
	// File is the path in the tree; empty where no file is at fault.
	File string `json:"file"`
	// Line and Column count from 1; 0 where they are not known.
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

func (p Problem) String() string {
	switch {
	case p.File == "":
		return p.Message
	case p.Line == 0:
		return p.File + ": " + p.Message
	default:
		return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	}
}

// Problems is the error for source that cannot be loaded: all that is wrong with it, sorted by position.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}
