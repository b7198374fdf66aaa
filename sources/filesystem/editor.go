package filesystem

import (
	"path/filepath"
	"strings"
)

// isEditorFile reports whether an editor keeps a file of this name beside the one that is edited: a swap file, a lock,
// a backup. It comes and goes with no change to the plugins.
func isEditorFile(name string) bool {
	ext := filepath.Ext(name)
	return strings.HasSuffix(name, "~") || // a.go~: Vim, Emacs and others
		strings.HasPrefix(name, ".#") || // .#a.go, #a.go#: Emacs
		strings.HasPrefix(name, "#") && strings.HasSuffix(name, "#") ||
		strings.HasPrefix(name, ".") && len(ext) == len(".swp") && strings.HasPrefix(ext, ".sw") // .a.go.swp, .swo: Vim
}
