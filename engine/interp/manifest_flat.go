package interp

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// flatLine is a line of a manifest that reads the same whatever one knows of YAML. Words that are no text in YAML are
// among them.
var flatLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:(name|description): ([A-Za-z][A-Za-z0-9 ._/()'-]*)|(version): ([0-9][0-9A-Za-z.-]*)|(apiVersion): ([1-9][0-9]{0,8}))$`)
})

var flatComment = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:#[ -~]*)?$`) })

// noText are words that YAML does not take for text.
var noText = strings.Fields("null true false yes no on off y n")

// flatManifest reads a manifest that consists of such lines, as most do. It is false where YAML has to be known:
// parsing that takes longer than checking a small package.
func flatManifest(text string) (Manifest, bool) {
	m := Manifest{APIVersion: APIVersion}
	seen := make([]string, 0, 4)
	for line := range strings.Lines(text) {
		line = strings.TrimRight(strings.TrimSuffix(line, "\n"), " ")
		if flatComment().MatchString(line) {
			continue
		}
		match := flatLine().FindStringSubmatch(line)
		if match == nil {
			return Manifest{}, false
		}
		key, value := match[1]+match[3]+match[5], match[2]+match[4]+match[6]
		if slices.Contains(seen, key) || slices.Contains(noText, strings.ToLower(value)) {
			return Manifest{}, false
		}
		seen = append(seen, key)
		switch key {
		case "name":
			m.Name = value
		case "description":
			m.Description = value
		case "version":
			m.Version = value
		case "apiVersion":
			m.APIVersion, _ = strconv.Atoi(value) // nine digits always are a number
		}
	}
	return m, len(seen) > 0
}
