package cache_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/afero"

	"github.com/scriptd/scriptd/cache"
)

// stored returns a file system with a store in it, the content of each file in it, and what is active.
func stored(t *testing.T) (afero.Fs, map[string]string, cache.Active) {
	t.Helper()
	mem := afero.NewMemMapFs()
	a := store(t, cache.New(mem), small())
	contents := map[string]string{}
	err := afero.Walk(mem, ".", func(name string, info fs.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content, err := afero.ReadFile(mem, name)
		contents[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(contents) != 5 {
		t.Fatalf("got %d files, want two blobs, a listing, a record and an entry of a journal: %v", len(contents), contents)
	}
	return mem, contents, a
}

func write(t *testing.T, fs afero.Fs, name, content string) {
	t.Helper()
	if err := afero.WriteFile(fs, name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPutMendsWhatIsDamaged(t *testing.T) {
	damages := map[string]func(content string) string{
		"short":   func(content string) string { return content[:len(content)/2] },
		"empty":   func(string) string { return "" },
		"long":    func(content string) string { return content + "x" },
		"altered": func(content string) string { return "X" + content[1:] },
		"removed": nil,
	}
	for damage, do := range damages {
		t.Run(damage, func(t *testing.T) {
			mem, contents, a := stored(t)
			for name, content := range contents {
				s := cache.New(mem)
				want := cache.ErrCorrupt
				if do != nil {
					write(t, mem, name, do(content))
				} else if err := mem.Remove(name); err != nil {
					t.Fatal(err)
				} else if !strings.HasPrefix(name, "blobs/") {
					want = cache.ErrNotFound
				}
				if strings.HasPrefix(name, "journal") {
					continue // it says what was, to who looks for more than what is
				}
				if strings.HasPrefix(name, "active") {
					if got, err := s.Active(t.Context(), "team"); !errors.Is(err, want) {
						t.Errorf("%s: got %+v and error %v, want one that is %q", name, got, err, want)
					}
				} else if _, err := s.Open(t.Context(), a.Digest); !errors.Is(err, want) {
					t.Errorf("%s: got error %v, want one that is %q", name, err, want)
				}
				store(t, s, small())
				wantTree(t, s, a.Digest, small())
				if got, err := active(t, s); err != nil || !reflect.DeepEqual(got, a) {
					t.Errorf("%s: got %+v and error %v after it was put again", name, got, err)
				}
			}
		})
	}
}

// TestFlippedBits flips every bit of every file of a store: what is read is what was written, or an error.
func TestFlippedBits(t *testing.T) {
	mem, contents, want := stored(t)
	for name, content := range contents {
		for bit := range len(content) * 8 {
			flipped := []byte(content)
			flipped[bit/8] ^= 1 << (bit % 8)
			write(t, mem, name, string(flipped))
			s := cache.New(mem)
			got, err := active(t, s)
			if err == nil && !reflect.DeepEqual(got, want) {
				t.Errorf("%s, bit %d: got %+v, want %+v or an error", name, bit, got, want)
			} else if err != nil && (!errors.Is(err, cache.ErrCorrupt) || !strings.HasPrefix(name, "active/")) {
				t.Errorf("%s, bit %d: got error %v", name, bit, err)
			}
			if _, err := s.Open(t.Context(), want.Digest); errors.Is(err, cache.ErrCorrupt) == isRecord(name) {
				t.Errorf("%s, bit %d: got error %v from Open", name, bit, err)
			}
		}
		write(t, mem, name, content)
	}
}

func isRecord(name string) bool {
	return strings.HasPrefix(name, "active/") || strings.HasPrefix(name, "journal/")
}

// TestForgedListing opens listings that somebody else wrote: their digest is right, and their content is not.
func TestForgedListing(t *testing.T) {
	const sum = " e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 "
	for name, listing := range map[string]string{
		"nothing":       "",
		"later version": "scriptd tree 2\n",
		"no newline":    "scriptd tree 1",
		"path above":    "scriptd tree 1\n100644" + sum + "0 \"../x\"\n",
		"rooted path":   "scriptd tree 1\n100644" + sum + "0 \"/x\"\n",
		"root":          "scriptd tree 1\n100644" + sum + "0 \".\"\n",
		"bare path":     "scriptd tree 1\n100644" + sum + "0 x\n",
		"raw string":    "scriptd tree 1\n100644" + sum + "0 `x`\n",
		"strange mode":  "scriptd tree 1\n120000" + sum + "0 \"x\"\n",
		"negative size": "scriptd tree 1\n100644" + sum + "-1 \"x\"\n",
		"huge size":     "scriptd tree 1\n100644" + sum + "99999999999999999999 \"x\"\n",
		"sum as a path": "scriptd tree 1\n100644 ../../x 0 \"x\"\n",
		"not sorted":    "scriptd tree 1\n100644" + sum + "0 \"b\"\n100644" + sum + "0 \"a\"\n",
		"twice":         "scriptd tree 1\n100644" + sum + "0 \"a\"\n100644" + sum + "0 \"a\"\n",
		"file in file":  "scriptd tree 1\n100644" + sum + "0 \"a\"\n100644" + sum + "0 \"a/b\"\n",
		"blank line":    "scriptd tree 1\n\n",
		"no last line":  "scriptd tree 1\n100644" + sum + "0 \"a\"",
	} {
		t.Run(name, func(t *testing.T) {
			mem, _, _ := stored(t)
			s := cache.New(mem)
			d := cache.DigestOf([]byte(listing))
			write(t, mem, "trees/"+strings.TrimPrefix(string(d), "sha256:"), listing)
			if _, err := s.Open(t.Context(), d); !errors.Is(err, cache.ErrCorrupt) {
				t.Errorf("got error %v, want one that is %q", err, cache.ErrCorrupt)
			}
		})
	}
}

// TestErrorsThatAreNoDamage: a disk that cannot be read now may be readable later.
func TestErrorsThatAreNoDamage(t *testing.T) {
	mem, contents, a := stored(t)
	for name := range maps.Keys(contents) {
		if strings.HasPrefix(name, "journal/") {
			continue
		}
		s := cache.New(&faulty{Fs: mem, fail: func(op, path string) error {
			if op == "read" && path == name {
				return os.ErrDeadlineExceeded
			}
			return nil
		}})
		_, openErr := s.Open(t.Context(), a.Digest)
		_, activeErr := s.Active(t.Context(), "team")
		err := errors.Join(openErr, activeErr)
		if !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, cache.ErrCorrupt) || errors.Is(err, cache.ErrNotFound) {
			t.Errorf("%s: got error %v, want only the disk's", name, err)
		}
	}
}
