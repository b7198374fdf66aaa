// Package greeting is what benchmarks have done by a plugin, and the host's side of the compiled one that they compare with.
package greeting

import (
	"context"
	"fmt"
	"os/exec"
	"testing/fstest"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/scriptd/scriptd/engine/runtime"
)

// Text is what calls carry, to and fro.
const Text = "hello world"

// source is a package whose plugin "hello" answers with its parameter.
const source = `package hello

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

type Params struct {
	Name string
}

func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: "hello"}, hello) }

func hello(_ context.Context, p Params) (string, error) { return p.Name, nil }
`

// Package is a package whose plugin "hello" answers with its parameter.
func Package() runtime.Package {
	return runtime.Package{Name: "bench/hello", Dir: "hello", Tree: fstest.MapFS{"hello/hello.go": {Data: []byte(source)}}}
}

// Call calls the plugin of Package.
func Call(ctx context.Context, inst runtime.Instance) error {
	res, err := inst.Call(ctx, "hello", map[string]any{"Name": Text})
	if err == nil && res.Data != Text {
		err = fmt.Errorf("got %+v", res)
	}
	return err
}

type greeter struct {
	goplugin.NetRPCUnsupportedPlugin
}

func (greeter) GRPCServer(*goplugin.GRPCBroker, *grpc.Server) error { return nil }

func (greeter) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return c, nil
}

// Start starts the plugin at a path, as go-plugin's examples do: without TLS, which is the fastest that it has. With TLS (AutoMTLS),
// as Terraform has it, both sides make a key and a certificate first. The client is to be killed.
func Start(path string, tls bool) (*goplugin.Client, *grpc.ClientConn, error) {
	client := goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig:  goplugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "GREETER", MagicCookieValue: "hello"},
		Plugins:          goplugin.PluginSet{"greeter": greeter{}},
		Cmd:              exec.Command(path), //nolint:noctx // go-plugin kills it
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		Logger:           hclog.NewNullLogger(),
		AutoMTLS:         tls,
	})
	protocol, err := client.Client()
	if err != nil {
		return nil, nil, err
	}
	conn, err := protocol.Dispense("greeter")
	if err != nil {
		client.Kill()
		return nil, nil, err
	}
	return client, conn.(*grpc.ClientConn), nil
}

// Greet calls the plugin.
func Greet(ctx context.Context, conn *grpc.ClientConn) error {
	var answer wrapperspb.StringValue
	err := conn.Invoke(ctx, "/greeter.Greeter/Greet", wrapperspb.String(Text), &answer)
	if err == nil && answer.Value != Text {
		err = fmt.Errorf("got %q", answer.Value)
	}
	return err
}
