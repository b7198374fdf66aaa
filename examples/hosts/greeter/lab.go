package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/examples/hosts/greeter/symbols"
	"github.com/scriptd/scriptd/sources/filesystem"
)

// plugins are those that the experiments choose from.
//
//go:embed plugins
var plugins embed.FS

// lab is where an experiment is made: a folder of plugins, and the engines that serve from it.
type lab struct {
	out       io.Writer
	isolation engine.Isolation
	dir       string
	engines   []*engine.Engine
}

func newLab(out io.Writer, isolation engine.Isolation) (*lab, error) {
	dir, err := os.MkdirTemp("", "greeter")
	return &lab{out: out, isolation: isolation, dir: dir}, err
}

// do makes an experiment, and cleans up behind it.
func (l *lab) do(ctx context.Context, experiment func(context.Context, *lab) error) error {
	err := experiment(ctx, l)
	for _, e := range l.engines {
		err = errors.Join(err, e.Close())
	}
	return errors.Join(err, os.RemoveAll(l.dir))
}

// say prints a line of an outcome.
func (l *lab) say(format string, args ...any) { fmt.Fprintf(l.out, "   "+format+"\n", args...) }

// install puts plugins into the folder.
func (l *lab) install(names ...string) error {
	for _, name := range names {
		from, err := fs.Sub(plugins, "plugins/"+name)
		if err != nil {
			return err
		}
		if err := os.CopyFS(filepath.Join(l.dir, name), from); err != nil {
			return err
		}
	}
	return nil
}

// host starts a host with some contracts over the folder.
func (l *lab) host(ctx context.Context, contracts ...engine.Contract) (*engine.Engine, error) {
	folder, err := filesystem.New(filesystem.Options{Path: l.dir})
	if err != nil {
		return nil, err
	}
	e, err := engine.New(ctx, engine.Options{
		Contracts: contracts,
		Symbols:   []interp.Exports{symbols.Symbols},
		Isolation: l.isolation,
		Sources:   []engine.Source{{Name: "plugins", Type: "filesystem", Origin: l.dir, From: folder}},
	})
	if err == nil {
		l.engines = append(l.engines, e)
	}
	return e, err
}

// refusal is why plugins were not loaded.
func refusal(e *engine.Engine) string {
	if text := e.Sources()[0].Error; text != "" {
		return text
	}
	return "nothing was refused"
}
