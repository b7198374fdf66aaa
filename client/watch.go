package client

import (
	"cmp"
	"context"
	"slices"
)

// Change is an implementation that has come or gone.
type Change[T any] struct {
	Name string
	// Value is what Get returns. Of one that is gone it is nil.
	Value T
	Gone  bool
}

// Watch tells of the implementations of the contract whose interface is T that the server has: first of those that are there, by name,
// then of each that comes or goes, until ctx ends or the client is closed; the channel is closed then. While the server is away it
// tells nothing: what has changed meanwhile it tells when the server is there again. It fails as Get does.
func Watch[T any](ctx context.Context, c *Client) (<-chan Change[T], error) {
	k, err := contractOf[T](c)
	if err != nil {
		return nil, err
	}
	l, err := c.met(ctx, k)
	if err != nil {
		return nil, err
	}
	l.end()
	changes := make(chan Change[T])
	w := &watch{client: c, known: k, there: make(map[string]bool)}
	w.tell = func(ctx context.Context, name string, gone bool) {
		change := Change[T]{Name: name, Gone: gone}
		if !gone {
			change.Value = (&proxy{client: c, known: k, name: name}).value().Interface().(T)
		}
		select {
		case changes <- change:
		case <-ctx.Done():
		}
	}
	if !c.enter() {
		return nil, ErrClosed
	}
	go func() {
		defer c.work.Done()
		defer close(changes)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(c.closing, cancel)()
		w.run(ctx)
	}()
	return changes, nil
}

// watch follows the implementations of a contract.
type watch struct {
	client   *Client
	known    *known
	there    map[string]bool
	tell     func(ctx context.Context, name string, gone bool)
	failures int
}

func (w *watch) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := w.follow(ctx); err != nil && ctx.Err() == nil {
			w.failures++
			w.client.log.Debug("what the server has is not known", "contract", w.known.String(), "error", err)
			w.client.pause(ctx, w.failures)
		}
	}
}

// follow follows over one connection, until that ends.
func (w *watch) follow(ctx context.Context) error {
	l, err := w.client.met(ctx, w.known)
	if err != nil {
		return err
	}
	defer l.end()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lists, ended := make(chan []string), make(chan error, 1)
	go func() {
		ended <- l.control.Watch(ctx, w.known.Name, w.known.Version, func(names []string) error {
			select {
			case lists <- names:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	for {
		select {
		case names := <-lists:
			w.failures = 0
			w.differ(ctx, names)
		case err := <-ended:
			return err
		}
	}
}

// differ tells what has come and gone.
func (w *watch) differ(ctx context.Context, names []string) {
	now := make(map[string]bool)
	for _, name := range names {
		now[name] = true
	}
	type change struct {
		name string
		gone bool
	}
	var list []change
	for name := range w.there {
		if !now[name] {
			list = append(list, change{name, true})
		}
	}
	for name := range now {
		if !w.there[name] {
			list = append(list, change{name, false})
		}
	}
	slices.SortFunc(list, func(a, b change) int { return cmp.Compare(a.name, b.name) })
	w.there = now
	for _, change := range list {
		w.tell(ctx, change.name, change.gone)
	}
}
