package guard

import (
	"flag"
	"io"
	"net"
	"net/rpc"
	"sync"
)

// globals are what packages of the standard library have one of, for one package of plugins.
type globals struct {
	rpcOnce   sync.Once
	rpcServer *rpc.Server

	copies copies
}

// globalFuncs are functions that work on what all of a process share.
func globalFuncs(g *Guard) map[string]any {
	return map[string]any{
		"math/rand.Seed": func(int64) {}, // which does nothing since Go 1.24, unless the host asks for it
		"(*flag.FlagSet).Init": func(f *flag.FlagSet, name string, handling flag.ErrorHandling) {
			if handling == flag.ExitOnError {
				handling = flag.PanicOnError
			}
			f.Init(name, handling)
		},
		"net/rpc.Register":     func(rcvr any) error { return (*g.defaultRPC()).Register(rcvr) },
		"net/rpc.RegisterName": func(name string, rcvr any) error { return (*g.defaultRPC()).RegisterName(name, rcvr) },
		"net/rpc.ServeConn":    func(conn io.ReadWriteCloser) { (*g.defaultRPC()).ServeConn(conn) },
		"net/rpc.ServeCodec":   func(codec rpc.ServerCodec) { (*g.defaultRPC()).ServeCodec(codec) },
		"net/rpc.ServeRequest": func(codec rpc.ServerCodec) error { return (*g.defaultRPC()).ServeRequest(codec) },
		"net/rpc.Accept":       func(l net.Listener) { (*g.defaultRPC()).Accept(l) },
	}
}

func (g *Guard) defaultRPC() **rpc.Server {
	g.globals.rpcOnce.Do(func() { g.globals.rpcServer = rpc.NewServer() })
	return &g.globals.rpcServer
}

// Variables are pointers to the variables that the package has in the place of those of a compiled package, by name.
func (g *Guard) Variables(importPath string) map[string]any {
	if g.Program {
		return nil
	}
	switch importPath {
	case "net":
		return map[string]any{"DefaultResolver": g.defaultResolver()}
	case "net/http":
		return map[string]any{"DefaultServeMux": g.defaultMux()}
	case "net/rpc":
		return map[string]any{"DefaultServer": g.defaultRPC()}
	}
	return nil
}
