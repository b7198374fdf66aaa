package interp

import (
	"slices"
	"strings"

	"github.com/scriptd/scriptd/engine/symbols"
)

// ownProcess are the symbols that a plugin needs all permissions for because they concern the process that it shares with
// its host, and that a program may use freely: its process is its own. What reaches outside is not among them.
var ownProcess = map[string]string{
	"crypto":          "*",
	"database/sql":    "*",
	"encoding/gob":    "*",
	"archive/zip":     "RegisterCompressor RegisterDecompressor",
	"flag":            "*",
	"image":           "*",
	"log":             "*",
	"log/slog":        "*",
	"mime":            "*",
	"os":              "* Args Exit Stdin Stdout Stderr Getpid Pipe",
	"os/signal":       "*",
	"runtime":         "*",
	"runtime/debug":   "*",
	"runtime/metrics": "*",
}

// groupForProgram is symbols.GroupOf for a program in a process of its own.
func groupForProgram(importPath, name string) symbols.Group {
	g := symbols.GroupOf(importPath, name)
	if g != symbols.All {
		return g
	}
	names := strings.Fields(ownProcess[importPath])
	if len(names) > 0 && (len(names) == 1 && names[0] == "*" || slices.Contains(names, name)) {
		return symbols.Free
	}
	return g
}
