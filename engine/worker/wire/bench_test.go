//go:build unix

package wire_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/worker/wire"
)

func echoOnce(b *testing.B, c *wire.Client, p *wire.Payload, text []byte) {
	b.Helper()
	p.Reset()
	p.Bytes(text)
	call, err := c.Start(echo, p, nil)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := call.Wait(b.Context()); err != nil {
		b.Fatal(err)
	}
	call.Release()
}

func BenchmarkCall(b *testing.B) {
	c, _ := connect(b)
	var p wire.Payload
	var times []time.Duration
	text := []byte("hello world")
	b.ReportAllocs()
	for b.Loop() {
		begin := time.Now()
		echoOnce(b, c, &p, text)
		times = append(times, time.Since(begin))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds()), "median-ns")
	b.ReportMetric(float64(times[len(times)/20].Nanoseconds()), "p5-ns")
}

func BenchmarkCallers16(b *testing.B) {
	c, _ := connect(b)
	text := []byte("hello world")
	var wg sync.WaitGroup
	n := b.N/16 + 1
	b.ResetTimer()
	for range 16 {
		wg.Go(func() {
			var p wire.Payload
			for range n {
				echoOnce(b, c, &p, text)
			}
		})
	}
	wg.Wait()
}

func BenchmarkLarge(b *testing.B) {
	c, _ := connect(b)
	var p wire.Payload
	text := make([]byte, 64<<20)
	b.SetBytes(2 * 64 << 20)
	for b.Loop() {
		echoOnce(b, c, &p, text)
	}
}
