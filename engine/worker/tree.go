package worker

import (
	"errors"
	"io/fs"
	"path"

	"github.com/scriptd/scriptd/engine/worker/wire"
)

// A child gets the files of a tree that it asks for while it loads a package, and no others. Those of the package's own folder it
// is going to ask for come with the request.

// entry is one file of a folder.
type entry struct {
	name string
	mode fs.FileMode
	size int64
}

// prefetched are files and listings of folders by path.
type prefetched struct {
	files   map[string][]byte
	folders map[string][]entry
}

// What is sent with a request: larger files are asked for.
const (
	maxPrefetchedFile = 256 << 10
	maxPrefetched     = 1 << 20
)

// prefetch reads the folder of a package and the files in it, the listings of the folders above, and go.mod in them. What cannot be read is left out: the
// child will ask for it, and hear why.
func prefetch(tree fs.FS, dir string) prefetched {
	p := prefetched{files: make(map[string][]byte), folders: make(map[string][]entry)}
	if !fs.ValidPath(dir) {
		return p
	}
	size := 0
	for at := dir; ; at = path.Dir(at) {
		entries, err := readFolder(tree, at)
		if err != nil {
			return p
		}
		p.folders[at] = entries
		for _, e := range entries {
			name := path.Join(at, e.name)
			if !e.mode.IsRegular() || at != dir && e.name != "go.mod" || e.size > maxPrefetchedFile || size+int(e.size) > maxPrefetched {
				continue
			}
			if data, err := fs.ReadFile(tree, name); err == nil {
				p.files[name] = data
				size += len(data)
			}
		}
		if at == "." {
			return p
		}
	}
}

func readFolder(tree fs.FS, dir string) ([]entry, error) {
	list, err := fs.ReadDir(tree, dir)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, 0, len(list))
	for _, e := range list {
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{e.Name(), info.Mode(), info.Size()})
	}
	return entries, nil
}

// answerTree answers a question about a tree.
func answerTree(tree fs.FS, tag byte, name string, answer *wire.Payload) {
	err := fs.ErrInvalid
	if fs.ValidPath(name) {
		switch tag {
		case askFile:
			var data []byte
			if data, err = fs.ReadFile(tree, name); err == nil {
				appendError(answer, nil)
				answer.Bytes(data)
				return
			}
		case askFolder:
			var entries []entry
			if entries, err = readFolder(tree, name); err == nil {
				appendError(answer, nil)
				appendEntries(answer, entries)
				return
			}
		}
	}
	// The child makes the path part of it again.
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathError.Err
	}
	appendError(answer, err)
}

func (f prefetched) appendTo(p *wire.Payload) {
	p.Uint(uint64(len(f.files)))
	for name, data := range f.files {
		p.String(name)
		p.Bytes(data)
	}
	p.Uint(uint64(len(f.folders)))
	for name, entries := range f.folders {
		p.String(name)
		appendEntries(p, entries)
	}
}

func decodePrefetched(d *wire.Decoder) prefetched {
	f := prefetched{files: make(map[string][]byte), folders: make(map[string][]entry)}
	for range d.Count() {
		f.files[d.String()] = d.Bytes()
	}
	for range d.Count() {
		f.folders[d.String()] = decodeEntries(d)
	}
	return f
}

func appendEntries(p *wire.Payload, entries []entry) {
	p.Uint(uint64(len(entries)))
	for _, e := range entries {
		p.String(e.name)
		p.Uint(uint64(e.mode))
		p.Int(e.size)
	}
}

func decodeEntries(d *wire.Decoder) []entry {
	entries := make([]entry, d.Count())
	for i := range entries {
		entries[i] = entry{d.String(), fs.FileMode(d.Uint()), d.Int()}
	}
	return entries
}
