package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/examples/hosts/greeter/draft"
	v1 "github.com/scriptd/scriptd/examples/hosts/greeter/v1"
	v2 "github.com/scriptd/scriptd/examples/hosts/greeter/v2"
)

// experiment is something that happens to a host.
type experiment struct {
	title string
	run   func(ctx context.Context, l *lab) error
}

var experiments = []experiment{
	{"A plugin implements the host's interface", firstVersion},
	{"The host's interface gets a method that the plugin does not have", moreMethods},
	{"A method of the host's interface gets another signature", changedSignature},
	{"The host goes on to version 2, and the plugin does not", nextVersion},
	{"A plugin is written for a version that the host does not speak", unknownVersion},
	{"Two plugins implement the interface, and a third one comes while the host runs", severalPlugins},
	{"One plugin implements two interfaces", severalInterfaces},
	{"The plugin is on another machine", anotherMachine},
}

func firstVersion(ctx context.Context, l *lab) error {
	if err := l.install("english"); err != nil {
		return err
	}
	e, err := l.host(ctx, engine.NewContract[v1.Greeter]("greeter", 1))
	if err != nil {
		return err
	}
	return greet(ctx, l, e)
}

// greet calls the plugin "english" by the first version of the interface.
func greet(ctx context.Context, l *lab, e *engine.Engine) error {
	english, err := engine.Get[v1.Greeter](e, "english")
	if err != nil {
		return err
	}
	text, err := english.Greet(ctx, "Gopher")
	l.say("Greet: %s", text)
	return err
}

func moreMethods(ctx context.Context, l *lab) error {
	if err := l.install("english"); err != nil {
		return err
	}
	e, err := l.host(ctx, engine.NewContract[draft.Longer]("greeter", 1))
	if err != nil {
		return err
	}
	l.say("refused at load: %s", refusal(e))

	e, err = l.host(ctx, engine.NewContract[draft.Longer]("greeter", 1, engine.Optional("Hi")))
	if err != nil {
		return err
	}
	english, err := engine.Get[draft.Longer](e, "english")
	if err != nil {
		return err
	}
	text, err := english.Greet(ctx, "Gopher")
	if err != nil {
		return err
	}
	_, err = english.Hi(ctx)
	l.say("as an optional method: Greet: %s Implements Hi: %t. Hi: %v", text, engine.Implements(english, "Hi"), err)
	return nil
}

func changedSignature(ctx context.Context, l *lab) error {
	if err := l.install("english"); err != nil {
		return err
	}
	e, err := l.host(ctx, engine.NewContract[draft.Changed]("greeter", 1))
	if err != nil {
		return err
	}
	l.say("refused at load: %s", refusal(e))
	return nil
}

// byName lets plugins of version 1 serve callers of version 2.
type byName struct{ old v1.Greeter }

// Greet implements v2.Greeter.
func (g byName) Greet(ctx context.Context, p v2.Person) (string, error) {
	return g.old.Greet(ctx, p.Name)
}

// both are the two versions of the contract.
func both() []engine.Contract {
	return []engine.Contract{
		engine.NewContract[v1.Greeter]("greeter", 1),
		engine.NewContract[v2.Greeter]("greeter", 2, engine.Upgrade(func(old v1.Greeter) v2.Greeter { return byName{old} })),
	}
}

func nextVersion(ctx context.Context, l *lab) error {
	if err := l.install("english", "polite"); err != nil {
		return err
	}
	e, err := l.host(ctx, both()...)
	if err != nil {
		return err
	}
	all := engine.All[v2.Greeter](e)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		text, err := all[name].Greet(ctx, v2.Person{Name: "Hopper", Title: "Admiral"})
		if err != nil {
			return err
		}
		l.say("%s: %s", name, text)
	}
	_, err = engine.Get[v1.Greeter](e, "polite")
	l.say("a caller of version 1: %v", err)
	return nil
}

func unknownVersion(ctx context.Context, l *lab) error {
	if err := l.install("unknown", "english"); err != nil {
		return err
	}
	e, err := l.host(ctx, both()...)
	if err != nil {
		return err
	}
	l.say("refused at load: %s", refusal(e))
	return greet(ctx, l, e)
}

func severalPlugins(ctx context.Context, l *lab) error {
	if err := l.install("english", "chinese"); err != nil {
		return err
	}
	e, err := l.host(ctx, append(both(), engine.NewContract[v1.Counter]("counter", 1))...)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changes := engine.Watch[v2.Greeter](ctx, e)
	for range 2 {
		if err := l.tell(ctx, <-changes); err != nil {
			return err
		}
	}
	if err := l.install("polite"); err != nil {
		return err
	}
	if _, err := e.Sync(ctx); err != nil { // Run does that by itself
		return err
	}
	return l.tell(ctx, <-changes)
}

// tell prints what a greeter that has come says.
func (l *lab) tell(ctx context.Context, c engine.Change[v2.Greeter]) error {
	if c.Gone || c.Value == nil {
		return fmt.Errorf("%s is gone", c.Name)
	}
	text, err := c.Value.Greet(ctx, v2.Person{Name: "Gopher", Title: "Dr."})
	l.say("%s: %s", c.Name, text)
	return err
}

func severalInterfaces(ctx context.Context, l *lab) error {
	if err := l.install("chinese"); err != nil {
		return err
	}
	e, err := l.host(ctx, engine.NewContract[v1.Greeter]("greeter", 1), engine.NewContract[v1.Counter]("counter", 1))
	if err != nil {
		return err
	}
	greeter, err := engine.Get[v1.Greeter](e, "chinese")
	if err != nil {
		return err
	}
	counter, err := engine.Get[v1.Counter](e, "chinese")
	if err != nil {
		return err
	}
	for range 3 {
		if _, err := greeter.Greet(ctx, "Gopher"); err != nil {
			return err
		}
	}
	n, err := counter.Count(ctx)
	l.say("Greet was called three times. Count: %d", n)
	return err
}
