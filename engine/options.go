package engine

import (
	"log/slog"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/sources"
)

// Options say what an Engine serves. Package config makes them from a YAML file.
type Options struct {
	// Sources are where plugins come from. Their names are unique.
	Sources []Source
	// Cache keeps fetched trees. Nil is a cache in memory, which does not survive the process.
	Cache cache.Store
	// Isolation says where packages run. Empty is IsolationNone.
	Isolation Isolation
	// CallTimeout bounds a call for which neither the package nor the plugin says otherwise. Zero is one minute.
	CallTimeout time.Duration
	// StartTimeout is how long New waits for an origin, whose last tree is in the cache, to say which revision it has,
	// before it goes on with that tree. Zero is 700 ms.
	StartTimeout time.Duration
	// Logger receives what happens to sources and packages, and what plugins log. Nil is silent.
	Logger *slog.Logger
}

// Isolation is where a package runs.
type Isolation string

const (
	// IsolationNone runs packages in this process.
	IsolationNone Isolation = "none"
	// IsolationProcess runs each package in a child process. It is accepted, and packages run in this process still.
	IsolationProcess Isolation = "process"
)

// Source is an origin of packages, and what they are given.
type Source struct {
	// Name is unique in an engine: [a-z0-9][a-z0-9_-]{0,63}.
	Name string
	// Type is the kind in words, for lists: git, s3, filesystem.
	Type string
	// Origin identifies the configured origin, without credentials. A cached tree is used only for the origin that it
	// was fetched from.
	Origin string
	// From fetches the files.
	From sources.Source
	// Dir selects one folder of the origin's files. Empty is all of them.
	Dir string
	// Interval is the time between two polls. Zero is one minute. A source that can be watched is polled too, in case
	// the watch misses something.
	Interval time.Duration
	// Timeout bounds one poll with its fetch. Zero is one minute.
	Timeout time.Duration
	// Limits bound a tree. The zero value is sources.DefaultLimits.
	Limits sources.Limits
	// Permissions are granted to all packages of the source.
	Permissions runtime.Permissions
	// Packages lists the packages to load. Empty is every folder with a Register function.
	Packages []Package
}

// Package is what one package of a source is given.
type Package struct {
	// Path is the package's folder in the tree, "." for its root.
	Path string
	// Config returns what Registrar.Config decodes. It is asked at every poll; another answer reloads the package. Nil
	// is no config.
	Config func() (map[string]any, error)
	// Permissions are granted in addition to the source's.
	Permissions runtime.Permissions
	// Timeout bounds each call of the package's plugins. Zero is no bound of the package's own.
	Timeout time.Duration
}
