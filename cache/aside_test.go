package cache_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/afero"

	"github.com/scriptd/scriptd/cache"
)

// damage flips a bit of a file.
func damage(t *testing.T, fs afero.Fs, name string) {
	t.Helper()
	content, err := afero.ReadFile(fs, name)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 4
	write(t, fs, name, string(content))
}

func TestDamagedFilesAreSetAside(t *testing.T) {
	for _, pattern := range []string{"blobs/*/*", "trees/*"} {
		mem, _, a := stored(t)
		names, err := afero.Glob(mem, pattern)
		if err != nil {
			t.Fatal(err)
		}
		damage(t, mem, names[0])
		s := cache.New(mem)
		_, err = s.Open(t.Context(), a.Digest)
		aside := "corrupt/" + strings.ReplaceAll(names[0], "/", "-")
		if !errors.Is(err, cache.ErrCorrupt) || !strings.HasSuffix(err.Error(), "SHA-256 differs: set aside as "+aside) {
			t.Errorf("got error %v", err)
		}
		if _, err := mem.Stat(aside); err != nil {
			t.Error(err)
		}
		if _, err := mem.Stat(names[0]); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: got error %v, want it gone", names[0], err)
		}
		// It comes back with the tree.
		store(t, s, small())
		wantTree(t, s, a.Digest, small())
		if v, err := s.Verify(t.Context(), false); err != nil || len(v.Damage) != 0 {
			t.Errorf("got %+v, %v", v, err)
		}
	}
}

// TestDamageStaysWhileOthersWork: who cannot have the store for itself leaves what it found.
func TestDamageStaysWhileOthersWork(t *testing.T) {
	dir := t.TempDir()
	s := openDisk(t, dir)
	a := store(t, s, small())
	blobs := files(t, filepath.Join(dir, "blobs", "*", "*"))
	if err := os.WriteFile(blobs[0], []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := s.Put(t.Context(), whileReading{fstest.MapFS{"other": {}}, func() {
		if _, err := openDisk(t, dir).Open(t.Context(), a.Digest); !errors.Is(err, cache.ErrCorrupt) || strings.Contains(err.Error(), "set aside") {
			t.Errorf("got error %v", err)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(blobs[0]); err != nil {
		t.Error(err)
	}
}

func TestVerifyFindsDamageOfEachFile(t *testing.T) {
	for _, how := range []string{"altered", "removed"} {
		t.Run(how, func(t *testing.T) {
			_, contents, a := stored(t)
			for name := range contents {
				mem, _, _ := stored(t)
				name := sameFile(t, mem, name)
				s := cache.New(mem)
				if how == "altered" {
					damage(t, mem, name)
				} else if err := mem.Remove(name); err != nil {
					t.Fatal(err)
				}
				blob := strings.HasPrefix(name, "blobs/")
				v, err := s.Verify(t.Context(), false)
				if err != nil {
					t.Fatal(err)
				}
				if found := len(v.Damage) == 1 && v.Damage[0].File == name && v.Damage[0].Repair == ""; found != (blob || how == "altered") {
					t.Errorf("%s: got %+v", name, v)
				}
				if blob && (len(v.Damage[0].Trees) != 1 || v.Damage[0].Trees[0] != a.Digest) {
					t.Errorf("%s: got %+v, want the tree that has it", name, v.Damage)
				}
			}
		})
	}
}

// sameFile is the file of another store of the same content. Entries of journals are named by their time.
func sameFile(t *testing.T, fs afero.Fs, name string) string {
	t.Helper()
	if !strings.HasPrefix(name, "journal/") {
		return name
	}
	names, err := afero.Glob(fs, "journal/*/*")
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	return names[0]
}

func TestVerifyRepairs(t *testing.T) {
	mem, contents, want := stored(t)
	s := cache.New(mem)
	for name := range contents {
		damage(t, mem, name)
		v, err := s.Verify(t.Context(), true)
		if err != nil || len(v.Damage) != 1 || !strings.HasPrefix(v.Damage[0].Repair, "set aside as corrupt/") {
			t.Fatalf("%s: got %+v, %v", name, v, err)
		}
		again, err := s.Verify(t.Context(), false)
		if lost := strings.HasPrefix(name, "blobs/"); err != nil || (len(again.Damage) == 1) != lost {
			t.Errorf("%s: got %+v, %v after the repair", name, again, err)
		}
		if got, err := s.Active(t.Context(), "team"); err != nil || got.Digest != want.Digest || got.Revision != want.Revision || got.Origin != want.Origin {
			t.Errorf("%s: got %+v active, %v: the journal knows what it was", name, got, err)
		}
		store(t, s, small())
		wantTree(t, s, want.Digest, small())
	}
}

// TestEachFlippedBitIsFound flips single bits of a store with some trees: nothing that is opened has it.
func TestEachFlippedBitIsFound(t *testing.T) {
	mem := afero.NewMemMapFs()
	s := cache.New(mem)
	trees := make(map[cache.Digest]fstest.MapFS)
	for i := range 5 {
		a := store(t, s, shared(i))
		trees[a.Digest] = shared(i)
	}
	var all []string
	for _, pattern := range []string{"blobs/*/*", "trees/*", "active/*", "journal/*/*"} {
		names, err := afero.Glob(mem, pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, names...)
	}
	for i := range 200 {
		name := all[(i*7919)%len(all)]
		content, err := afero.ReadFile(mem, name)
		if err != nil {
			t.Fatal(err)
		}
		bit := (i * 104729) % (8 * len(content))
		content[bit/8] ^= 1 << (bit % 8)
		write(t, mem, name, string(content))
		if v, err := s.Verify(t.Context(), false); err != nil || len(v.Damage) != 1 || v.Damage[0].File != name {
			t.Fatalf("%s, bit %d: got %+v, %v", name, bit, v.Damage, err)
		}
		for d, tree := range trees {
			if _, err := s.Open(t.Context(), d); err == nil {
				wantTree(t, s, d, tree)
			} else if !errors.Is(err, cache.ErrCorrupt) && !errors.Is(err, cache.ErrNotFound) {
				t.Fatalf("%s, bit %d: got error %v", name, bit, err)
			}
		}
		content[bit/8] ^= 1 << (bit % 8)
		write(t, mem, name, string(content))
	}
}
