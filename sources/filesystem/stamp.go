package filesystem

import (
	"io/fs"
	"time"
)

// stamp is what tells that a file changed without reading it.
type stamp struct {
	size     int64
	modified int64 // in nanoseconds, as changed is
	changed  int64 // the inode's change time, which programs that set the other one cannot set
	inode    uint64
}

func stampOf(info fs.FileInfo) stamp {
	s := stamp{size: info.Size(), modified: info.ModTime().UnixNano()}
	s.changed, s.inode = inode(info)
	return s
}

// isFresh reports whether the file, when it is read now, may change once more and keep its stamp. A time in the future,
// from a clock that is ahead, is fresh.
func (s stamp) isFresh(now time.Time) bool {
	return now.Sub(time.Unix(0, max(s.modified, s.changed))) < settled
}
