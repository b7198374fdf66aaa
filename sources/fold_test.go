package sources

import (
	"slices"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// TestFoldPath holds all letters against the folding of golang.org/x/text, which is wrong about Cherokee: there each case is folded to
// the other one.
func TestFoldPath(t *testing.T) {
	folder, upper := cases.Fold(), cases.Upper(language.Und)
	folds := make(map[string]string) // by what becomes of a letter, what the library makes of it
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) || unicode.Is(unicode.Cherokee, r) {
			continue
		}
		s := string(r)
		got, want := foldPath(s), norm.NFD.String(folder.String(norm.NFD.String(s)))
		if before, ok := folds[got]; ok && before != want {
			t.Errorf("%q becomes %q, as what folds to %q does", s, got, before)
		}
		folds[got] = want
		same := []string{want, got, norm.NFC.String(s), norm.NFD.String(s)}
		if u := upper.String(s); folder.String(u) == folder.String(s) {
			same = append(same, u, norm.NFC.String(u), norm.NFD.String(u))
		}
		for _, s := range same {
			if foldPath(s) != got {
				t.Errorf("%q becomes %q, and %q, which is the same, %q", r, got, s, foldPath(s))
			}
		}
	}
}

func TestFoldPathOfTexts(t *testing.T) {
	for _, same := range [][]string{
		{"Ꭰ", "ꭰ"},
		{"Ᏸ", "ᏸ"},
		{"STRASSE", "straße", "straẞe", "stra\u017fse"},
		{"ﬃ", "FFI"},
		{"K", "k", "\u212a"},
		{"dir", "Dir"},
		{"a/\u00c4.go", "A/a\u0308.go"},
		{"\u1f80", "\u1f00\u03b9", "\u1f08\u0399", "\u03b1\u0313\u0345"},
		{"\u0390.go", "\u03aa\u0301.go"},
		{"\u1fd2", "\u03aa\u0300"},
		{"\u1fd7", "\u03aa\u0342"},
		{"\u0345", "\u03b9", "\u0399", "\u1fbe"},
	} {
		for _, s := range same {
			if foldPath(s) != foldPath(same[0]) {
				t.Errorf("%q and %q do not become the same", s, same[0])
			}
		}
	}
	others := []string{
		"a.go", "b.go", "ä.go", "ı.go", "i.go", "\u03b1\u0323\u03b9", "\u03b1\u03b9\u0323", "\u0399\u0323", "\u0323\u0399", "ss", "s",
	}
	for i, s := range others {
		if j := slices.IndexFunc(others, func(o string) bool { return foldPath(o) == foldPath(s) }); j != i {
			t.Errorf("%q and %q become the same", s, others[j])
		}
	}
}
