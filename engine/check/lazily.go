package check

import (
	"regexp"
	"sync"
)

// lazily returns a regular expression that is compiled when it is first used: most packages have no errors, and a process starts
// sooner.
func lazily(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
