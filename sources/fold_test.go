package sources

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
)

// TestFoldCase holds all letters against the folding of golang.org/x/text, which is wrong about Cherokee: there each case is folded to
// the other one.
func TestFoldCase(t *testing.T) {
	folder := cases.Fold()
	folds := make(map[string]string) // by what becomes of a letter, what the library makes of it
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) || unicode.Is(unicode.Cherokee, r) {
			continue
		}
		got, want := foldCase(string(r)), folder.String(string(r))
		if foldCase(want) != got {
			t.Errorf("%q becomes %q, and %q, which is the same, %q", r, got, want, foldCase(want))
		}
		if before, ok := folds[got]; ok && before != want {
			t.Errorf("%q becomes %q, as what folds to %q does", r, got, before)
		}
		folds[got] = want
	}
	for _, same := range [][]string{{"Ꭰ", "ꭰ"}, {"Ᏸ", "ᏸ"}, {"STRASSE", "straße", "strasſe"}, {"ﬃ", "FFI"}, {"K", "k", "\u212a"}} {
		for _, s := range same {
			if foldCase(s) != foldCase(same[0]) {
				t.Errorf("%q and %q do not become the same", s, same[0])
			}
		}
	}
}

func TestFoldPath(t *testing.T) {
	for _, same := range [][2]string{{"a/\u00c4.go", "A/a\u0308.go"}, {"dir", "Dir"}, {"\u212a", "k"}, {"\u1f80", "\u1f00\u03b9"}, {"Ꭰ.go", "ꭰ.go"}} {
		if foldPath(same[0]) != foldPath(same[1]) {
			t.Errorf("%q and %q do not become the same", same[0], same[1])
		}
	}
	for _, other := range [][2]string{{"a.go", "b.go"}, {"ä.go", "a.go"}, {"ı.go", "i.go"}} {
		if foldPath(other[0]) == foldPath(other[1]) {
			t.Errorf("%q and %q become the same", other[0], other[1])
		}
	}
}
