package filesystem

import (
	"io/fs"
	"syscall"
)

// inode returns the change time and number of a file's inode.
func inode(info fs.FileInfo) (changed int64, number uint64) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	return st.Ctim.Nano(), st.Ino
}
