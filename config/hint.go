package config

import (
	"strings"
)

// nearest returns the name that somebody who wrote word may have meant, or "".
func nearest(word string, names []string) string {
	word = strings.ReplaceAll(strings.ToLower(word), "-", "_")
	best, least := "", len(word)
	for _, name := range names {
		// One slip in three characters is a slip; more is another word.
		if d := distance(word, name); d <= max(1, len(name)/3) && d < least {
			best, least = name, d
		}
	}
	return best
}

// distance counts the characters to insert, remove, replace or swap with the next one to get from a to b.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			replace := last[j]
			if a[i] != b[j] {
				replace++
			}
			row[j+1] = min(replace, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// oneOf joins names: "a, b or c".
func oneOf(names []string) string { return join(names, "or") }

// allOf joins names: "a, b and c".
func allOf(names []string) string { return join(names, "and") }

func join(names []string, word string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " " + word + " " + names[last]
}
