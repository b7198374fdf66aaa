package git

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/scriptd/scriptd/sources"
)

// pack packs contents, each as a delta to a similar one where deltas is set.
func pack(t *testing.T, deltas bool, contents ...string) []byte {
	t.Helper()
	storage := memory.NewStorage()
	var hashes []plumbing.Hash
	for _, content := range contents {
		obj := &plumbing.MemoryObject{}
		obj.SetType(plumbing.BlobObject)
		if _, err := obj.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
		hash, err := storage.SetEncodedObject(obj)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, hash)
	}
	window := uint(0)
	if deltas {
		window = 10
	}
	var out bytes.Buffer
	if _, err := packfile.NewEncoder(&out, storage, false).Encode(hashes, window); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestScanPack(t *testing.T) {
	large := strings.Repeat("0123456789", 1000)
	tests := []struct {
		name  string
		pack  []byte
		limit int64
		want  string
	}{
		{"as much as allowed", pack(t, false, large, "x"), 10_001, ""},
		{"too much", pack(t, false, large, "x"), 10_000, "the commit's files have more than"},
		{"deltas, as much as allowed", pack(t, true, large, large+"x"), 20_050, ""},
		{"deltas, too much", pack(t, true, large, large+"x"), 20_000, "the commit's files have more than"},
		{"nothing", pack(t, false), 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := scanPack(bytes.NewReader(tt.pack), tt.limit)
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || sources.KindOf(err) != sources.Refused || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if n := len(pack(t, true, large, large+"x")); n > 500 {
		t.Errorf("the pack has %d bytes: it has no delta", n)
	}
}

func TestUnpackWhatIsBroken(t *testing.T) {
	good := pack(t, true, strings.Repeat("abc", 100), strings.Repeat("abc", 100)+"x", "y")
	if _, err := unpack(t.Context(), bytes.NewReader(good), nil); err != nil {
		t.Fatal(err)
	}
	for n := range len(good) {
		if _, err := unpack(t.Context(), bytes.NewReader(good[:n]), nil); err == nil {
			t.Errorf("cut at %d of %d, and taken", n, len(good))
		}
	}
}

func FuzzUnpack(f *testing.F) {
	t := &testing.T{}
	f.Add(pack(t, false, "a"))
	f.Add(pack(t, true, strings.Repeat("abc", 100), strings.Repeat("abc", 100)+"x"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = unpack(context.Background(), bytes.NewReader(data), nil) // it may fail, and must not end the process
	})
}

func BenchmarkUnpack(b *testing.B) {
	var contents []string
	for i := range 2000 {
		contents = append(contents, strings.Repeat(fmt.Sprintln("line", i), 300))
	}
	data := pack(&testing.T{}, false, contents...)
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := scanPack(bytes.NewReader(data), maxUnpacked); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("unpack", func(b *testing.B) {
		for b.Loop() {
			if _, err := unpack(context.Background(), bytes.NewReader(data), nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
