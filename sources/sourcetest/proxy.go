package sourcetest

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Proxy is a way to a server that toxics make worse, see toxiproxy. It ends with the test.
type Proxy struct {
	tb    testing.TB
	proxy *toxiproxy.Proxy
}

// NewProxy returns a way to the server at the address backend that nothing is wrong with yet.
func NewProxy(tb testing.TB, backend string) *Proxy {
	tb.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := toxiproxy.NewProxy(server, "origin", "127.0.0.1:0", backend)
	if err := p.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Stop)
	return &Proxy{tb, p}
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() string { return p.proxy.Listen }

// Poison makes what a stream carries worse, upstream to the server or downstream from it, until it is undone.
func (p *Proxy) Poison(toxic, stream string, attributes map[string]int64) (undo func()) {
	p.tb.Helper()
	spec, err := json.Marshal(map[string]any{"name": toxic, "type": toxic, "stream": stream, "attributes": attributes})
	if err != nil {
		p.tb.Fatal(err)
	}
	if _, err := p.proxy.Toxics.AddToxicJson(strings.NewReader(string(spec))); err != nil {
		p.tb.Fatal(err)
	}
	return func() {
		if err := p.proxy.Toxics.RemoveToxic(context.Background(), toxic); err != nil {
			p.tb.Error(err)
		}
	}
}

// Down ends the proxy until it is undone.
func (p *Proxy) Down() (undo func()) {
	p.proxy.Stop()
	return func() {
		if err := p.proxy.Start(); err != nil {
			p.tb.Error(err)
		}
	}
}
