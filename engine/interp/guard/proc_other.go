//go:build !linux

package guard

import "os"

// private returns the folder that has to be named in a grant for a path to be granted. There are none.
func private(string) string { return "" }

// isProc reports whether a file is one of the kernel's about processes. There are none.
func isProc(*os.File) bool { return false }
