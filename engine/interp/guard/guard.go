// Package guard is what a package of plugins is given in place of compiled functions that reach files, hosts, programs and the
// environment: functions that do the same within what its permissions name, and fail as the system does beyond it. What all
// of a process share, each package gets for itself.
//
//	g := guard.New(guard.Options{Package: "team/netcheck", Permissions: p.Permissions})
//	defer g.Close()
//	if g.Replaces("os.Open") {
//		open := g.Func("os.Open").(func(string) (*os.File, error))
//		_, err := open("/etc/passwd") // permission denied: add permissions: {read: [/etc/passwd]} to package team/netcheck or its source …
//	}
//
// A Guard is no wall around source that breaks the interpreter, or harms the data of its process; that takes a process of its
// own.
package guard

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"

	"github.com/scriptd/scriptd/engine/runtime"
)

// Options say for whom a Guard is.
type Options struct {
	// Package is what the package is called in the configuration: SOURCE/PATH. It may be empty.
	Package string
	// Permissions are what it may use.
	Permissions runtime.Permissions
	// Program says that the process belongs to the package: there is nobody to share with, and *:*, / and * in the permissions
	// are everything there is.
	Program bool
	// Resolver looks names up; nil is net.DefaultResolver. Connect is asked before each connection that is allowed, with its
	// network and address; nil lets it be made. Both are for tests, which have no network.
	Resolver *net.Resolver
	Connect  func(network, address string) error
}

// Guard holds a package to its permissions. It is safe for concurrent use.
type Guard struct {
	Options

	mu    sync.Mutex
	funcs []map[string]any // those of the groups that were asked for

	grants func() *grants
	roots  beside[os.Root, rootAccess]
	env    environment
	net    network

	transports transports
	servers    servers
	commands   beside[exec.Cmd, *exec.Cmd] // what stands for a command that was started
	processes  processes
	globals    globals
}

// New returns a Guard. It does nothing before something is asked of it.
func New(o Options) *Guard {
	g := &Guard{Options: o}
	g.transports.used.gone = func(t transport) { t.inner.CloseIdleConnections() }
	g.grants = sync.OnceValue(func() *grants { return newGrants(o) })
	return g
}

// Close ends what the Guard keeps open for the package.
func (g *Guard) Close() { g.closeTransports() }

// group makes functions that take the place of compiled ones.
type group struct {
	make func(*Guard) map[string]any
	// open says for whom they are left out: they would do nothing else than the compiled ones.
	open func(*Guard) bool
}

// groups are all of them, a subject each.
var groups = []group{
	{errorFuncs, (*Guard).everythingIsOpen},
	{fileFuncs, (*Guard).filesAreOpen},
	{linkFuncs, (*Guard).filesAreOpen},
	{rootFuncs, (*Guard).filesAreOpen},
	{dirFuncs, (*Guard).filesAreOpen},
	{tempFuncs, (*Guard).filesAreOpen},
	{walkFuncs, (*Guard).filesAreOpen},
	{readFuncs, (*Guard).filesAreOpen},
	{archiveFuncs, (*Guard).filesAreOpen},
	{templateFuncs, (*Guard).filesAreOpen},
	{userFuncs, (*Guard).filesAreOpen},
	{httpFileFuncs, (*Guard).filesAreOpen},
	{formFuncs, (*Guard).filesAreOpen},
	{openFileFuncs, (*Guard).filesAreOpen},
	{dialFuncs, (*Guard).isOpenProgram},
	{lookupFuncs, (*Guard).isOpenProgram},
	{clientFuncs, (*Guard).isOpenProgram},
	{mailFuncs, (*Guard).isOpenProgram},
	{transportFuncs, (*Guard).isOpenProgram},
	{serverFuncs, (*Guard).isOpenProgram},
	{listenFuncs, (*Guard).hostsAreOpen},
	{packetFuncs, (*Guard).hostsAreOpen},
	{requestFuncs, func(g *Guard) bool { return !g.Program || g.hostsAreOpen() }},
	{envFuncs, (*Guard).envIsOpen},
	{homeFuncs, (*Guard).envIsOpen},
	{cmdFuncs, (*Guard).programsAreOpen},
	{processFuncs, (*Guard).programsAreOpen},
	{memoryFuncs, (*Guard).everythingIsOpen},
	{globalFuncs, func(g *Guard) bool { return g.Program }},
}

func (g *Guard) everythingIsOpen() bool { return g.Permissions.All }
func (g *Guard) filesAreOpen() bool     { return g.grants().allFiles }
func (g *Guard) hostsAreOpen() bool     { return g.grants().allNet }

// What plugins have for themselves takes functions that know it, whatever they may do. A program has it as it is.

func (g *Guard) isOpenProgram() bool   { return g.Program && g.grants().allNet }
func (g *Guard) envIsOpen() bool       { return g.Program && g.grants().allEnv }
func (g *Guard) programsAreOpen() bool { return g.Program && g.grants().allRun && g.grants().allEnv }

// groupOf says which of the groups makes a function. It is found out once in a process.
var groupOf = sync.OnceValue(func() map[string]int {
	known := make(map[string]int)
	for i, group := range groups {
		for name := range group.make(New(Options{})) {
			if _, twice := known[name]; twice {
				panic(fmt.Sprintf("guard: %s is in two groups", name))
			}
			known[name] = i
		}
	}
	return known
})

// Names lists all functions that a Guard may replace.
func Names() []string {
	var names []string
	for name := range groupOf() {
		names = append(names, name)
	}
	return names
}

// Replaces reports whether Func has a function of that name. A nil Guard has none.
func (g *Guard) Replaces(name string) bool {
	if g == nil {
		return false
	}
	i, ok := groupOf()[name]
	return ok && !groups[i].open(g)
}

// Func returns the function that takes the place of a compiled one; nil where it stays. The name is the full one, as
// types.Func.FullName gives it: "os.Open", "(*net.Dialer).Dial". What takes the place of a method has the receiver as its first
// parameter. Otherwise the signatures are the same.
func (g *Guard) Func(name string) any {
	if !g.Replaces(name) {
		return nil
	}
	i := groupOf()[name]
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.funcs == nil {
		g.funcs = make([]map[string]any, len(groups))
	}
	if g.funcs[i] == nil {
		g.funcs[i] = groups[i].make(g)
	}
	return g.funcs[i][name]
}
