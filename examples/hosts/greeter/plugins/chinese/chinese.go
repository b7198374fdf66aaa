// Package chinese greets in Chinese, and counts: it implements two contracts.
package chinese

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/scriptd/scriptd/plugin"
)

// Register provides one value for both contracts.
func Register(r *plugin.Registrar) error {
	c := &Chinese{}
	return errors.Join(
		r.Provide("greeter", "chinese", c),
		r.Provide("counter", "chinese", c),
	)
}

// Chinese implements v1.Greeter and v1.Counter.
type Chinese struct{ greetings atomic.Int64 }

// Greet implements v1.Greeter.
func (c *Chinese) Greet(_ context.Context, name string) (string, error) {
	c.greetings.Add(1)
	return "你好，" + name + "！", nil
}

// Count implements v1.Counter.
func (c *Chinese) Count(context.Context) (int, error) { return int(c.greetings.Load()), nil }
