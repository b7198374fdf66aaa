package cache

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"
	"time"
)

// activation is an entry of a source's journal: the name of a file, whose content is the record that became active, without
// its packages.
type activation struct {
	digest Digest
	// at grows from entry to entry.
	at time.Time
}

// path is active-since, in nanoseconds of Unix time with leading zeros, and the tree.
func (a activation) path(source string) string {
	return path.Join(journalDir, source, fmt.Sprintf("%019d-%s.json", a.at.UnixNano(), a.digest.hex()))
}

func parseActivation(name string) (activation, bool) {
	nanos, sum, _ := strings.Cut(strings.TrimSuffix(name, ".json"), "-")
	n, err := strconv.ParseInt(nanos, 10, 64)
	a := activation{Digest(digestPrefix + sum), time.Unix(0, n).UTC()}
	return a, err == nil && a.digest.Valid() && path.Base(a.path("x")) == name
}

// journal implements shelf.
func (f *Files) journal(_ context.Context, source string) ([]activation, error) {
	infos, err := f.list(path.Join(journalDir, source))
	if err != nil {
		return nil, err
	}
	var list []activation
	for _, info := range infos {
		if a, ok := parseActivation(info.Name()); ok {
			list = append(list, a)
		}
	}
	return list, nil
}

// note adds a tree to the journal of a source, unless it is the last there. The caller shares the lock.
func (f *Files) note(ctx context.Context, source string, a Active) error {
	list, err := f.journal(ctx, source)
	if err != nil {
		return err
	}
	var last activation
	if len(list) > 0 {
		last = list[len(list)-1]
	}
	if last.digest == a.Digest {
		return nil
	}
	return f.placeRecord(func(info os.FileInfo) string {
		// The time is that of the file: of one clock for all processes, whatever their own say.
		return last.next(a.Digest, info.ModTime()).path(source)
	}, a.noted())
}

// next returns the entry that follows a. Where the clock was set back, the order stays.
func (a activation) next(d Digest, at time.Time) activation {
	if !at.After(a.at) {
		at = a.at.Add(1)
	}
	return activation{digest: d, at: at}
}

// noted returns what a journal says of a.
func (a Active) noted() Active {
	a.Packages, a.Newest, a.NewestRevision = nil, "", ""
	return a.utc()
}

// now is the time of the clock that the times of files are from.
func (f *Files) now() (now time.Time, err error) {
	if err := f.fs.MkdirAll(tempDir, 0o700); err != nil {
		return now, err
	}
	name := path.Join(tempDir, rand.Text())
	file, err := f.fs.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return now, err
	}
	defer func() { err = cmp.Or(err, f.remove(name)) }()
	_, err = file.Write([]byte{'\n'})
	if err = errors.Join(err, file.Close()); err != nil {
		return now, err
	}
	info, err := f.fs.Stat(name)
	if err != nil {
		return now, err
	}
	return info.ModTime(), nil
}
