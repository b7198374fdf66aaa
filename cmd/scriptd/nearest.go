package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// hint ends the message about a name that is not there: with the names that are like it, or with where to look.
func hint(near []string, otherwise string) string {
	if len(near) == 0 {
		return "see " + otherwise
	}
	return "did you mean " + strings.Join(near, " or ") + "?"
}

// nearest returns the names that are like a mistyped one, as cobra finds verbs.
func nearest(typed string, names []string) []string {
	verbs := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, name := range names {
		verbs.AddCommand(&cobra.Command{Use: name, Run: func(*cobra.Command, []string) {}})
	}
	return verbs.SuggestionsFor(typed)
}
