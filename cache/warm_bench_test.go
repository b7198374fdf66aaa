package cache_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// BenchmarkWarmStart opens 1,000 packages of 20 files, beside cp -r and the SHA-256 of the same files: what there is to do at least
// where nothing is to be taken on trust.
func BenchmarkWarmStart(b *testing.B) {
	tree := fstest.MapFS{}
	for p := range 1000 {
		for f := range 20 {
			name := fmt.Sprintf("p%d/f%d.go", p, f)
			tree[name] = &fstest.MapFile{Data: fmt.Appendf(make([]byte, 0, 2048), "package p%d\n\n// %2000d\n", p, f)}
		}
	}
	s := openDisk(b, b.TempDir())
	d, err := s.Put(b.Context(), tree)
	if err != nil {
		b.Fatal(err)
	}
	plain := b.TempDir()
	for name, f := range tree {
		path := filepath.Join(plain, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("Open", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Open(b.Context(), d); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("CopyAndSum", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			to := filepath.Join(b.TempDir(), fmt.Sprint(i))
			if out, err := exec.CommandContext(b.Context(), "cp", "-r", plain, to).CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
			if err := sumAll(to); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func sumAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		_ = sha256.Sum256(content)
		return err
	})
}
