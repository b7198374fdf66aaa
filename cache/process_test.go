package cache_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/cache"
)

// childDir is the environment variable that turns the test binary into a process that writes into a store, and childMode
// says in which way.
const (
	childDir  = "CACHE_TEST_DIR"
	childMode = "CACHE_TEST_MODE"
)

// childWork is what such a process does, by its mode.
var childWork = map[string]func(ctx context.Context, dir string) error{"replace": replacing, "hold": holding, "crowd": crowding, "count": counting}

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		work, ok := childWork[os.Getenv(childMode)]
		if !ok {
			work = child
		}
		if err := work(context.Background(), dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const (
	rounds = 5
	spread = 60
)

// shared returns the i-th of the trees that all processes put: most of its files are those of the others too.
func shared(i int) fstest.MapFS {
	tree := small()
	for j := range spread {
		tree[fmt.Sprintf("lib/%d.go", j)] = &fstest.MapFile{Data: fmt.Appendf(nil, "package lib // %d", j)}
	}
	tree["own"] = &fstest.MapFile{Data: []byte(fmt.Sprint(i))}
	return tree
}

func child(ctx context.Context, dir string) error {
	s, err := cache.Disk(dir)
	if err != nil {
		return err
	}
	for i := range rounds {
		d, err := s.Put(ctx, shared(i))
		if err != nil {
			return err
		}
		if _, err := s.Open(ctx, d); err != nil {
			return err
		}
		if err := s.Activate(ctx, "team", cache.Active{Revision: fmt.Sprint(i), Digest: d}); err != nil {
			return err
		}
		if _, err := s.Active(ctx, "team"); err != nil {
			return err
		}
	}
	return nil
}

// TestProcesses has several processes write the same trees into one folder.
func TestProcesses(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var children []*exec.Cmd
	for range 4 {
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env = append(os.Environ(), childDir+"="+dir)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		children = append(children, cmd)
	}
	for i, cmd := range children {
		if err := cmd.Wait(); err != nil {
			t.Errorf("process %d: %v", i, err)
		}
	}
	s := openDisk(t, dir)
	for i := range rounds {
		wantTree(t, s, mustDigest(t, shared(i)), shared(i))
	}
	if a, err := s.Active(t.Context(), "team"); err != nil || a.Revision != fmt.Sprint(rounds-1) {
		t.Errorf("got %+v active and error %v, want revision %d", a, err, rounds-1)
	}
	if left := files(t, filepath.Join(dir, "tmp", "*")); len(left) != 0 {
		t.Errorf("got leftovers: %v", left)
	}
	if blobs := files(t, filepath.Join(dir, "blobs", "*", "*")); len(blobs) != spread+2+rounds {
		t.Errorf("got %d blobs, want %d", len(blobs), spread+2+rounds)
	}
}
