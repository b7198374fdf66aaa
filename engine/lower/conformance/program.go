package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// program is a Go program with what it does when it is compiled.
type program struct {
	group, name string
	// dir holds the program, or files do, which are written to a folder to be run.
	dir   string
	files map[string][]byte
	// main is the file to run, in dir; empty runs the folder.
	main string
	// cwd is where it runs; empty: in the folder that holds it.
	cwd   string
	args  []string
	stdin []byte
	want  outcome
}

func (p *program) String() string { return p.group + "/" + p.name }

// outcome is what can be seen of a program that ran.
type outcome struct {
	stdout []byte
	// combined says that stdout holds standard error as well.
	combined bool
	// panics is the first line of the message of a panic or a fatal error; empty where there was none.
	panics string
	status int
}

// Files of a program that are not its source.
const (
	wantFile  = "want.txt"
	argsFile  = "args.txt"
	stdinFile = "stdin.txt"
	vetFile   = "vet.skip"
)

// newProgram makes a program of its files. want.txt holds standard output, then the line "stderr: panic: ..." or
// "stderr: fatal error: ..." where there was one, then "exit: N".
func newProgram(group, name string, files map[string][]byte) (*program, error) {
	p := &program{group: group, name: name, files: make(map[string][]byte)}
	for file, data := range files {
		switch file {
		case wantFile:
			want, err := parseWant(data)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p, err)
			}
			p.want = want
		case argsFile:
			p.args = strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		case stdinFile:
			p.stdin = data
		case vetFile:
		default:
			p.files[file] = data
		}
	}
	if files["main.go"] == nil {
		return nil, fmt.Errorf("%s: no main.go", p)
	}
	return p, nil
}

// parseWant reads a want.txt.
func parseWant(data []byte) (outcome, error) {
	text, ok := strings.CutSuffix(string(data), "\n")
	at := strings.LastIndex("\n"+text, "\nexit: ")
	if !ok || at < 0 {
		return outcome{}, errors.New("want.txt does not end in a line exit: N")
	}
	var want outcome
	if _, err := fmt.Sscanf(text[at:], "exit: %d", &want.status); err != nil {
		return outcome{}, fmt.Errorf("want.txt: %w", err)
	}
	out := text[:at]
	if at := strings.LastIndex("\n"+out, "\nstderr: "); at >= 0 && want.status == panicStatus {
		want.panics = strings.TrimPrefix(strings.TrimSuffix(out[at:], "\n"), "stderr: ")
		out = out[:at]
	}
	want.stdout = []byte(out)
	return want, nil
}

// formatWant is the reverse of parseWant.
func formatWant(o outcome) []byte {
	var b strings.Builder
	b.Write(o.stdout)
	if o.panics != "" {
		fmt.Fprintf(&b, "stderr: %s\n", o.panics)
	}
	fmt.Fprintf(&b, "exit: %d\n", o.status)
	return []byte(b.String())
}

// panicStatus is the exit status of a Go program that panics.
const panicStatus = 2

// target writes the program to a folder where it has none, and returns what to run: a file or a folder.
func (p *program) target(scratch string) (string, error) {
	if p.dir == "" {
		for name, data := range p.files {
			file := filepath.Join(scratch, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
				return "", err
			}
			if err := os.WriteFile(file, data, 0o666); err != nil {
				return "", err
			}
		}
		return scratch, nil
	}
	return filepath.Join(p.dir, p.main), nil
}

// readDir reads the files of a folder and those below it.
func readDir(dir string) (map[string][]byte, error) {
	files := make(map[string][]byte)
	tree := os.DirFS(dir)
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(tree, name)
		files[name] = data
		return err
	})
	return files, err
}

// sortPrograms brings programs into the order of their names.
func sortPrograms(programs []*program) {
	slices.SortFunc(programs, func(a, b *program) int {
		return strings.Compare(path.Join(a.group, a.name), path.Join(b.group, b.name))
	})
}
