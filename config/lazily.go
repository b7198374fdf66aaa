package config

import (
	"regexp"
	"sync"
)

// lazily returns a regular expression that is compiled when it is first used: processes that run packages, which read no configuration,
// start sooner.
func lazily(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
