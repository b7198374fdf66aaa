package git

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing/format/packfile"
)

func TestPatch(t *testing.T) {
	base := []byte(strings.Repeat("0123456789abcdef", 10_000))
	for name, target := range map[string][]byte{
		"the same":      base,
		"an insertion":  append([]byte("in front "), base...),
		"a removal":     base[5000:],
		"turned around": append(bytes.Clone(base[80_000:]), base[:80_000]...),
		"other":         []byte("nothing of it"),
		"long":          bytes.Repeat(base, 3),
	} {
		got, err := patch(base, packfile.DiffDelta(base, target))
		if err != nil || !bytes.Equal(got, target) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

// It does what go-git does.
func FuzzPatch(f *testing.F) {
	base := []byte(strings.Repeat("0123456789", 100))
	f.Add(base, packfile.DiffDelta(base, append([]byte("x"), base...)))
	f.Add([]byte("abc"), []byte{3, 3, 0x90, 3})
	f.Add([]byte("abc"), []byte{3, 4, 0x91, 1, 2, 2, 'x', 'y'})
	f.Fuzz(func(t *testing.T, base, delta []byte) {
		got, err := patch(base, delta)
		want, wantErr := packfile.PatchDelta(base, delta)
		if err == nil && len(base) > 0 && (wantErr != nil || !bytes.Equal(got, want)) {
			t.Errorf("got %q, want %q, %v", got, want, wantErr)
		}
		if err == nil && len(got) != cap(got) {
			t.Errorf("%d bytes in %d", len(got), cap(got))
		}
	})
}
