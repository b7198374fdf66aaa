//go:build linux

package client_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/scriptd/scriptd/engine"
)

// grpcGreeter is the host's side of a compiled plugin of go-plugin that answers with what it gets.
type grpcGreeter struct {
	goplugin.NetRPCUnsupportedPlugin
}

func (grpcGreeter) GRPCServer(*goplugin.GRPCBroker, *grpc.Server) error { return nil }

func (grpcGreeter) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return c, nil
}

func startGRPC(b *testing.B) *grpc.ClientConn {
	b.Helper()
	path := filepath.Join(b.TempDir(), "greeter")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", path, "../engine/worker/testdata/greeter").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	client := goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig:  goplugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "GREETER", MagicCookieValue: "hello"},
		Plugins:          goplugin.PluginSet{"greeter": grpcGreeter{}},
		Cmd:              exec.Command(path), //nolint:noctx // go-plugin kills it
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		Logger:           hclog.NewNullLogger(),
	})
	b.Cleanup(client.Kill)
	protocol, err := client.Client()
	if err != nil {
		b.Fatal(err)
	}
	conn, err := protocol.Dispense("greeter")
	if err != nil {
		b.Fatal(err)
	}
	return conn.(*grpc.ClientConn)
}

// BenchmarkCall compares a typed call of an interpreted plugin of a server, over loopback, with one of a compiled plugin of go-plugin's
// gRPC on this machine, over its Unix socket: medians, of one caller and of 16.
func BenchmarkCall(b *testing.B) {
	for _, isolation := range []engine.Isolation{engine.IsolationNone, engine.IsolationProcess} {
		for _, callers := range []int{1, 16} {
			b.Run(fmt.Sprintf("isolation=%s/callers=%d", isolation, callers), func(b *testing.B) { compare(b, isolation, callers) })
		}
	}
}

func compare(b *testing.B, isolation engine.Isolation, callers int) {
	b.Helper()
	h := greeterHost(b, func(o *engine.Options) { o.Isolation = isolation })
	g := get[Greeter](b, greeterClient(b, serve(b, h.Engine, nil).url, nil), "english")
	conn := startGRPC(b)
	ours := func(ctx context.Context) error {
		text, err := g.Greet(ctx, Greeting{Name: "world"})
		if err == nil && text != "Hello world" {
			err = fmt.Errorf("got %q", text)
		}
		return err
	}
	theirs := func(ctx context.Context) error {
		var answer wrapperspb.StringValue
		err := conn.Invoke(ctx, "/greeter.Greeter/Greet", wrapperspb.String("hello world"), &answer)
		if err == nil && answer.Value != "hello world" {
			err = fmt.Errorf("got %q", answer.Value)
		}
		return err
	}
	var all [2][]time.Duration
	for b.Loop() { // in turn, so that what else the machine does hits both
		for i, f := range []func(context.Context) error{ours, theirs} {
			all[i] = append(all[i], timed(b, callers, f))
		}
	}
	for i := range all {
		slices.Sort(all[i])
	}
	median := func(i int) float64 { return float64(all[i][len(all[i])/2]) }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(0)/float64(time.Microsecond), "µs/call")
	b.ReportMetric(median(1)/float64(time.Microsecond), "grpc-µs/call")
	b.ReportMetric(median(0)/median(1), "ratio")
}

// timed returns the time of a call, of several by each caller.
func timed(b *testing.B, callers int, f func(context.Context) error) time.Duration {
	b.Helper()
	const each = 20
	errs := make([]error, callers)
	var all sync.WaitGroup
	begin := time.Now()
	for i := range callers {
		all.Go(func() {
			for range each {
				errs[i] = errors.Join(errs[i], f(b.Context()))
			}
		})
	}
	all.Wait()
	took := time.Since(begin)
	if err := errors.Join(errs...); err != nil {
		b.Fatal(err)
	}
	return took / time.Duration(callers*each)
}
