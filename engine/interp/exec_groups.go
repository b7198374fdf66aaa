package interp

import (
	"slices"
	"strings"

	"github.com/scriptd/scriptd/engine/symbols"
)

// processGroups are the symbols that a plugin needs all permissions for because they concern the process that it shares with
// its host, and that a program may use freely: its process is its own. What reaches outside is not among them. A star stands for all that need all permissions.
var processGroups = map[string]string{
	"crypto":          "*",
	"crypto/x509":     "*",
	"database/sql":    "*",
	"encoding/gob":    "*",
	"archive/zip":     "RegisterCompressor RegisterDecompressor",
	"flag":            "*",
	"image":           "*",
	"log":             "*",
	"log/slog":        "*",
	"mime":            "*",
	"os":              "Args Exit Stdin Stdout Stderr Getpid Pipe Signal Interrupt Kill",
	"os/signal":       "*",
	"runtime":         "*",
	"runtime/debug":   "*",
	"runtime/metrics": "*",
}

// groupForProgram is symbols.GroupOf for a program in a process of its own.
func groupForProgram(importPath, name string) symbols.Group {
	g := symbols.GroupOf(importPath, name)
	names := strings.Fields(processGroups[importPath])
	if slices.Contains(names, name) || g == symbols.All && slices.Contains(names, "*") {
		return symbols.Free
	}
	if g == symbols.All && strings.HasPrefix(importPath, "net/") {
		return symbols.Net // for what a process serves and dials, whoever shares it
	}
	return g
}
