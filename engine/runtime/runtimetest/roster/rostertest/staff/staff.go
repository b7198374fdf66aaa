// Package staff implements roster.Directory.
package staff

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster"
	"github.com/scriptd/scriptd/plugin"
)

// Register provides the directory "staff".
func Register(r *plugin.Registrar) error {
	d := &directory{listeners: make(map[int]chan roster.Person)}
	if err := r.Service(&d.clock); err != nil {
		return err
	}
	return r.Provide("directory", "staff", d)
}

type directory struct {
	clock roster.Clock

	mu        sync.Mutex
	people    []roster.Person
	listeners map[int]chan roster.Person
	next      int
}

var _ interface {
	People(ctx context.Context, q roster.Query) ([]roster.Person, error)
} = (*directory)(nil)

func (d *directory) People(ctx context.Context, q roster.Query) ([]roster.Person, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if q.Prefix == "wait" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if q.Prefix == "panic" {
		var nobody map[string]*roster.Person
		return []roster.Person{*nobody["somebody"]}, nil
	}
	plugin.Log(ctx).Info("people are asked for", "prefix", q.Prefix)
	return d.matching(q), nil
}

func (d *directory) matching(q roster.Query) []roster.Person {
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []roster.Person
	for _, p := range d.people {
		if strings.HasPrefix(p.Name, q.Prefix) && p.Age >= q.MinAge && (q.Limit == nil || len(found) < *q.Limit) {
			found = append(found, p)
		}
	}
	return found
}

func (d *directory) Find(_ context.Context, name string) (*roster.Person, error) {
	if name != strings.ToLower(name) {
		return nil, fmt.Errorf("find: %w", &roster.ForbiddenError{Name: name, Code: 7})
	}
	for _, p := range d.matching(roster.Query{}) {
		if p.Name == name {
			p.Manager = &roster.Person{Name: "boss"}
			return &p, nil
		}
	}
	return nil, fmt.Errorf("find %s: %w", name, roster.ErrUnknown)
}

var errStopped = errors.New("a visitor stopped")

func (d *directory) Each(_ context.Context, q roster.Query, visit func(roster.Person) error) error {
	for _, p := range d.matching(q) {
		if err := visit(p); err != nil {
			return fmt.Errorf("%w: %w", errStopped, err)
		}
	}
	return nil
}

func (d *directory) Import(ctx context.Context, from io.Reader) (int, error) {
	n := 0
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		var p roster.Person
		if _, err := fmt.Sscanf(lines.Text(), "%s %d", &p.Name, &p.Age); err != nil {
			return n, plugin.Invalid("line %d: %w", n+1, err)
		}
		p.Born = d.clock.Now().AddDate(-p.Age, 0, 0)
		d.join(p)
		n++
	}
	return n, lines.Err()
}

func (d *directory) join(p roster.Person) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.people = append(d.people, p)
	for _, l := range d.listeners {
		l <- p
	}
}

func (d *directory) Export(_ context.Context, to io.Writer) error {
	for _, p := range d.matching(roster.Query{}) {
		if _, err := fmt.Fprintf(to, "%s %d\n", p.Name, p.Age); err != nil {
			return err
		}
	}
	return nil
}

func (d *directory) Watch(ctx context.Context, l roster.Listener) error {
	joined := make(chan roster.Person, 100)
	d.mu.Lock()
	n := d.next
	d.next++
	d.listeners[n] = joined
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.listeners, n)
	}()
	if err := l.Joined(ctx, roster.Person{Name: "(begin)"}); err != nil {
		return err
	}
	for {
		select {
		case p := <-joined:
			if err := l.Joined(ctx, p); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (d *directory) Count(names ...string) int {
	all := d.matching(roster.Query{})
	if len(names) == 0 {
		return len(all)
	}
	n := 0
	for _, p := range all {
		if slices.Contains(names, p.Name) {
			n++
		}
	}
	return n
}

func (d *directory) Touch(_ context.Context, v roster.Values) (roster.Values, error) { return v, nil }
