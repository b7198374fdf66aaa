package engine

import (
	"log/slog"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/sources"
)

// Options say what an Engine serves. Package config makes them from a YAML file.
type Options struct {
	// Sources are where plugins come from. Their names are unique.
	Sources []Source
	// Role is what the engine does for those that share its cache. Empty is RoleBoth.
	Role Role
	// Cache keeps fetched trees. Nil is a cache in memory, which does not survive the process.
	Cache cache.Store
	// Retention says which trees Run leaves in a cache that is a cache.Keeper: it removes others when it begins, and every
	// hour. Nil removes nothing.
	Retention *cache.Retention
	// Contracts are the interfaces that packages may implement, and Services what they may use of the host.
	Contracts []Contract
	Services  []Service
	// Isolation says where packages run. Empty is IsolationProcess in a binary whose main called ServeWorker, else
	// IsolationNone.
	Isolation Isolation
	// Symbols are the tables of the host's own packages that plugins may import beside the standard library, as scriptd extract
	// and yaegi generate them. With IsolationProcess, main gives ServeWorker the same ones.
	Symbols []interp.Exports
	// Processes say how packages are put into processes, with IsolationProcess.
	Processes Processes
	// CallTimeout bounds a call for which neither the package nor the plugin says otherwise. Zero is one minute.
	CallTimeout time.Duration
	// StartTimeout is how long New waits for an origin, whose last tree is in the cache, to say which revision it has,
	// before it goes on with that tree. Zero is 700 ms.
	StartTimeout time.Duration
	// Idle engines ask no origin when they start, and load nothing: they are for what the cache knows.
	Idle bool
	// Logger receives what happens to sources and packages, and what plugins log. Nil is silent.
	Logger *slog.Logger
}

// Processes say how packages are put into processes. The zero value gives each one of its own, which stays.
type Processes struct {
	// Share says what may be in one process. Empty is SharePackage.
	Share Sharing
	// Idle is how long a package is not called before its process ends, to be started again by the next call. What the package
	// keeps in variables is lost then. Zero is never.
	Idle time.Duration
}

// Sharing is what may be in one process.
type Sharing string

const (
	// SharePackage gives each package a process of its own.
	SharePackage Sharing = "package"
	// ShareSource puts the packages of a source together: what one does to the process, it does to all of them, and the kernel
	// lets each do what any of them was granted.
	ShareSource Sharing = "source"
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
	// From fetches the files. An engine with RoleServe does not use it: nil will do.
	From sources.Source
	// Dir selects one folder of the origin's files. Empty is all of them.
	Dir string
	// Include and Exclude select files by patterns, see sources.Selection. None is all.
	Include, Exclude []string
	// Digest is the only tree that is accepted. Empty is any.
	Digest string
	// Verified says, for the status, that From accepts only what is signed.
	Verified bool
	// MaxDelete is the share of the files of the tree before that a new tree may lack: one that lacks more is refused. 0.5
	// is half of them; zero and 1 are no bound.
	MaxDelete float64
	// Interval is the time between two polls. Zero is one minute, and 5 seconds with RoleServe, where the cache is polled.
	// A source that can be watched is polled too, in case the watch misses something.
	Interval time.Duration
	// Timeout bounds one poll with its fetch. Zero is one minute.
	Timeout time.Duration
	// Limits bound a tree. The zero value is sources.DefaultLimits.
	Limits sources.Limits
	// ProcessLimits are how much each package of the source may use of the machine, where its own do not say otherwise, field by
	// field. They hold with IsolationProcess.
	ProcessLimits runtime.Limits
	// Permissions are granted to all packages of the source.
	Permissions runtime.Permissions
	// Packages lists the packages to load. Empty is every folder with a Register function.
	Packages []Package
	// Activate says what goes live where a package of a new tree fails. Empty is ActivatePackage.
	Activate Activation
	// Policy holds for the packages whose own policy does not say otherwise, field by field.
	Policy Policy
}

// Activation is what of a new tree goes live.
type Activation string

const (
	// ActivatePackage brings each package live that passes, in one step; what fails is left as it was.
	ActivatePackage Activation = "package"
	// ActivateTree brings all packages of a tree live in one step, or none.
	ActivateTree Activation = "tree"
)

// Package is what one package of a source is given.
type Package struct {
	// Path is the package's folder in the tree, "." for its root.
	Path string
	// Config returns what Registrar.Config decodes. It is asked at every poll; another answer reloads the package. Nil
	// is no config.
	Config func() (map[string]any, error)
	// Permissions are granted in addition to the source's.
	Permissions runtime.Permissions
	// ProcessLimits are how much it may use of the machine.
	ProcessLimits runtime.Limits
	// SelfTest is a call that a new version has to answer before it goes live. Nil is none.
	SelfTest *SelfTest
	// Policy is how its calls are run.
	Policy
}

// SelfTest is a call of a plugin, and what is expected of the answer.
type SelfTest struct {
	// Plugin is one of the package's plugins.
	Plugin string
	// Params are its parameters.
	Params map[string]any
	// Fails says that the plugin is to fail. It is expected to succeed otherwise.
	Fails bool
}

// Policy is how the calls of a package's plugins are run. A zero field is the source's, else the default.
type Policy struct {
	// Timeout bounds each call. The shortest of this, the plugin's own and the caller's counts. Zero is no bound of the
	// package's own.
	Timeout time.Duration
	// Concurrency bounds the calls of each plugin that run at a time, where the plugin does not ask for less. Zero is no
	// bound.
	Concurrency int
	// Queue bounds the calls of each plugin that wait for others to end. A further one fails with ErrBusy. Zero is 64, a
	// negative number is none.
	Queue int
	// Grace is how long a call may go on after its context has ended, before what executes it is stopped and replaced.
	// Zero is one second.
	Grace time.Duration
	// Drain is how long the calls of a version may go on after another took its place. They are cancelled then. Zero is
	// 30 seconds.
	Drain time.Duration
	// Retry tries calls again whose answers say that it is worth it.
	Retry Retry
	// Quarantine is the number of calls of a plugin that have to panic or time out one after the other for their version
	// to be taken out of service. Calls that their callers gave less time than the package does not count. Zero is never.
	Quarantine int
}

// Retry is how often, and when, a call is tried again that failed and may succeed later. All of it happens within the
// time of the call.
type Retry struct {
	// Attempts is the number of tries, the first included. Zero and one are no retry.
	Attempts int
	// Backoff is the time before the second try. It doubles from try to try, up to 30 seconds, and each is spread by
	// half of it at random. Zero is 100 ms.
	Backoff time.Duration
}
