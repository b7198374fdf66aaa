package sources

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldPath returns the same string for paths that a file system may take for one and the same: they differ in case, or in how they
// write what is the same to Unicode. It is the full case folding of Unicode (CaseFolding.txt, C and F) of the decomposed form (D145
// of the standard), but that of letters that are the same firstCase counts, whichever Unicode folds to. Package cases of
// golang.org/x/text folds too, and swaps the cases of Cherokee.
func foldPath(name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf || 'A' <= name[i] && name[i] <= 'Z' {
			return foldCase(norm.NFD.String(name))
		}
	}
	return name
}

// foldCase folds a text that is decomposed.
func foldCase(s string) string {
	var b strings.Builder
	for _, r := range s {
		for _, r := range foldsTo(r) {
			b.WriteRune(firstCase(r))
		}
	}
	return b.String()
}

// firstCase returns the first of the letters that differ from r in case only; of those of ASCII the small one, so that most paths stay as
// they are. One of them is a mark, the iota below a letter, which must not come to stand where it would be one.
func firstCase(r rune) rune {
	first := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		if unicode.Is(unicode.M, first) || other < first && !unicode.Is(unicode.M, other) {
			first = other
		}
	}
	if 'A' <= first && first <= 'Z' {
		first += 'a' - 'A'
	}
	return first
}

// foldsTo returns what a letter that does not decompose folds to where that is several, and the letter for all others.
func foldsTo(r rune) string {
	switch r {
	case '\u00df', '\u1e9e': // sharp s
		return "ss"
	case '\u0149':
		return "\u02bcn"
	case '\u0587':
		return "\u0565\u0582"
	case '\u1e9a':
		return "a\u02be"
	case '\ufb00':
		return "ff"
	case '\ufb01':
		return "fi"
	case '\ufb02':
		return "fl"
	case '\ufb03':
		return "ffi"
	case '\ufb04':
		return "ffl"
	case '\ufb05', '\ufb06':
		return "st"
	case '\ufb13':
		return "\u0574\u0576"
	case '\ufb14':
		return "\u0574\u0565"
	case '\ufb15':
		return "\u0574\u056b"
	case '\ufb16':
		return "\u057e\u0576"
	case '\ufb17':
		return "\u0574\u056d"
	default:
		return string(r)
	}
}
