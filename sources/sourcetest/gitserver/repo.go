package gitserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Repo is a bare repository. It is for one goroutine at a time.
type Repo struct {
	// Dir is the repository's own folder.
	Dir string
}

// Init makes an empty bare repository of this name below dir. Its HEAD is the branch main.
func Init(ctx context.Context, dir, name string) (*Repo, error) {
	r := &Repo{Dir: filepath.Join(dir, name)}
	if out, err := command(ctx, dir, "init", "--quiet", "--bare", "--initial-branch=main", r.Dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("init repository %s: %w: %s", name, err, out)
	}
	return r, nil
}

// Change is what a commit changes.
type Change struct {
	// Branch is where the commit goes. Empty is main. A branch that is new begins without files.
	Branch string
	// Orphan begins the branch anew: no parent, no files but these.
	Orphan bool
	// Message is the commit's.
	Message string
	// Files, Executables and Links are added or replaced: content, or target, by path.
	Files, Executables, Links map[string]string
	// Submodules are added: the commit of another repository, by path.
	Submodules map[string]string
	// Remove are the paths of files or folders to remove.
	Remove []string
}

// Push commits files, content by path, to the branch main. It returns the commit.
func (r *Repo) Push(ctx context.Context, files map[string]string, message string) (string, error) {
	return r.Apply(ctx, Change{Files: files, Message: message})
}

// Apply makes a commit and returns its hash. The branch moves in one step.
func (r *Repo) Apply(ctx context.Context, c Change) (string, error) {
	branch := c.Branch
	if branch == "" {
		branch = "main"
	}
	ref := "refs/heads/" + branch
	var in bytes.Buffer
	fmt.Fprintf(&in, "commit %s\nmark :1\ncommitter %s <%s> %s\n", ref, author, email, date)
	writeData(&in, c.Message)
	if !c.Orphan {
		if _, err := r.Git(ctx, "rev-parse", "--verify", "--quiet", ref); err == nil {
			fmt.Fprintf(&in, "from %s^0\n", ref)
		}
	} else {
		in.WriteString("deleteall\n")
	}
	for _, name := range c.Remove {
		fmt.Fprintf(&in, "D %s\n", quote(name))
	}
	writeFiles(&in, "100644", c.Files)
	writeFiles(&in, "100755", c.Executables)
	writeFiles(&in, "120000", c.Links)
	for _, name := range slices.Sorted(maps.Keys(c.Submodules)) {
		fmt.Fprintf(&in, "M 160000 %s %s\n", c.Submodules[name], quote(name))
	}
	in.WriteString("\nget-mark :1\n")

	cmd := command(ctx, r.Dir, "fast-import", "--quiet", "--force", "--date-format=raw")
	cmd.Stdin = &in
	return output(cmd)
}

func writeFiles(in *bytes.Buffer, mode string, files map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(in, "M %s inline %s\n", mode, quote(name))
		writeData(in, files[name])
	}
}

func writeData(in *bytes.Buffer, data string) { fmt.Fprintf(in, "data %d\n%s\n", len(data), data) }

// quote quotes a path as git does.
func quote(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(name) + `"`
}

// Git runs a git command in the repository and returns what it prints, trimmed.
func (r *Repo) Git(ctx context.Context, args ...string) (string, error) {
	return output(command(ctx, r.Dir, args...))
}

// GitInput is Git with standard input.
func (r *Repo) GitInput(ctx context.Context, input string, args ...string) (string, error) {
	cmd := command(ctx, r.Dir, args...)
	cmd.Stdin = strings.NewReader(input)
	return output(cmd)
}

func output(cmd *exec.Cmd) (string, error) {
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", cmd.Args[1], withStderr(err))
	}
	return strings.TrimSpace(string(out)), nil
}

// withStderr adds what a command said to its exit status.
func withStderr(err error) error {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
	}
	return err
}
