package main

import (
	"bytes"
	"context"
	"fmt"
	"go/format"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/tools/txtar"
)

// update makes the want.txt of all archives below dir whose GROUP/NAME is chosen anew, by compiling and running the
// programs. They have to be formatted, and go vet has to be content, unless a file vet.skip says why not.
func update(ctx context.Context, dir string, chosen func(name string) bool, w io.Writer) error {
	names, err := filepath.Glob(filepath.Join(dir, "*", "*.txtar"))
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	for _, name := range names {
		group := filepath.Base(filepath.Dir(name))
		title := group + "/" + strings.TrimSuffix(filepath.Base(name), ".txtar")
		if !chosen(title) {
			continue
		}
		changed, err := updateArchive(ctx, name, scratch)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if changed {
			fmt.Fprintln(w, "changed", title)
		}
	}
	return nil
}

func updateArchive(ctx context.Context, name, scratch string) (changed bool, err error) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		return false, err
	}
	before := txtar.Format(archive)
	files := map[string][]byte{wantFile: []byte("exit: 0\n")}
	at := -1
	for i, f := range archive.Files {
		if f.Name == wantFile {
			at = i
			continue
		}
		files[f.Name] = f.Data
		if filepath.Ext(f.Name) != ".go" {
			continue
		}
		formatted, err := format.Source(f.Data)
		if err != nil {
			return false, err
		}
		archive.Files[i].Data, files[f.Name] = formatted, formatted
	}
	if at < 0 {
		at = len(archive.Files)
		archive.Files = append(archive.Files, txtar.File{Name: wantFile})
	}
	p, err := newProgram(filepath.Base(filepath.Dir(name)), filepath.Base(name), files)
	if err != nil {
		return false, err
	}
	if _, skip := files[vetFile]; !skip {
		if err := p.vet(ctx, scratch); err != nil {
			return false, err
		}
	}
	if err := p.learn(ctx, scratch); err != nil {
		return false, err
	}
	archive.Files[at].Data = formatWant(p.want)
	after := txtar.Format(archive)
	if bytes.Equal(before, after) {
		return false, nil
	}
	return true, os.WriteFile(name, after, 0o666)
}

// vet has go vet look at a program.
func (p *program) vet(ctx context.Context, scratch string) error {
	dir, err := os.MkdirTemp(scratch, "vet-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	target, err := p.target(dir)
	if err != nil {
		return err
	}
	args, err := packageArgs(target)
	if err != nil {
		return err
	}
	if args[0] == "." {
		args[0] = "./..."
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"vet"}, args...)...)
	cmd.Dir = target
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go vet: %w\n%s", err, out)
	}
	return nil
}
