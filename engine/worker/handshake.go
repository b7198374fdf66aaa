//go:build unix

package worker

import (
	"context"
	"net"
	"net/rpc"
	"os"
	"strconv"
	"strings"

	goplugin "github.com/hashicorp/go-plugin"
)

// handshake is how a process finds out that it is a child, and that both sides speak the same.
var handshake = goplugin.HandshakeConfig{
	ProtocolVersion:  protocol,
	MagicCookieKey:   "SCRIPTD_WORKER",
	MagicCookieValue: "b7a8d1f2-plugin-packages",
}

// serviceName is what go-plugin dispenses.
const serviceName = "packages"

// controlVariable has the path of a socket for a process that its host is going to have get ready, over a connection of go-plugin.
const controlVariable = "SCRIPTD_WORKER_CONTROL"

// shake shakes hands with go-plugin on the other side, in the words of its guide for plugins that are not written in Go: a line on
// the standard output says where this process listens, which it does where somebody is to come. What go-plugin has for plugins that
// are written in Go does the same, but takes the standard streams away when it likes, and keeps the first package waiting while it
// makes and removes files.
func (c *child) shake(control string) error {
	if control != "" {
		var err error
		var config net.ListenConfig
		if c.control, err = config.Listen(context.Background(), "unix", control); err != nil {
			return err
		}
		go c.admit()
	}
	line := []string{strconv.Itoa(goplugin.CoreProtocolVersion), strconv.Itoa(protocol), "unix", control, string(goplugin.ProtocolNetRPC)}
	if _, err := os.Stdout.WriteString(strings.Join(line, "|") + "\n"); err != nil {
		return err
	}
	c.settle()
	close(c.shaken)
	return nil
}

// settle makes this process one that packages can be in.
func (c *child) settle() {
	c.redirect()
	c.trimmer = newTrimmer()
}

// admit serves the connections of go-plugin.
func (c *child) admit() {
	server := &goplugin.RPCServer{
		Plugins: goplugin.PluginSet{serviceName: service{child: c}}, Stdout: strings.NewReader(""), Stderr: strings.NewReader(""),
		DoneCh: make(chan struct{}),
	}
	for {
		conn, err := c.control.Accept()
		if err != nil { // there is a package, and nobody else is to come
			return
		}
		go server.ServeConn(conn)
	}
}

// service is what go-plugin dispenses, on both sides.
type service struct{ child *child }

var _ goplugin.Plugin = service{}

// Server implements goplugin.Plugin.
func (s service) Server(*goplugin.MuxBroker) (any, error) { return &Control{s.child}, nil }

// Client implements goplugin.Plugin.
func (service) Client(_ *goplugin.MuxBroker, c *rpc.Client) (any, error) { return c, nil }

// Control is what the host calls with net/rpc. It is exported for that package.
type Control struct{ child *child }

// WarmArgs say what to get ready for.
type WarmArgs struct {
	Symbols map[string]string // the fingerprints of the tables of the host's packages, by import path
}

// Warm gets ready for a package.
func (c *Control) Warm(args WarmArgs, _ *struct{}) error {
	c.child.readying.Lock()
	defer c.child.readying.Unlock()
	if err := c.child.useSymbols(args.Symbols); err == nil { // else the package will hear of it
		warm(c.child.runtime)
	}
	return nil
}
