package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"

	"github.com/spf13/afero"
)

// Files is a Store on a file system. Its layout:
//
//	blobs/2c/2cf2…9824    contents, each under its SHA-256; files with the same content share one
//	trees/b5bb…944c       listings, each under the SHA-256 of the listing
//	active/team.json      what Activate recorded for the source team
//	heads/team.json       what SetHead recorded
//	control/team.json     what SetControl recorded
//	syncs/team.json       what SetSyncs recorded
//	journal/team/…        what was active, a file for each time
//	tmp/                  writes under way
//	corrupt/              what was found damaged
//
// Each file is written to tmp, synced, and renamed to its place, whose folder is then synced. A listing is written after
// the blobs that it names. So one process that dies at any point leaves the state before or the state after. Who removes,
// which is only Collect and Verify, is kept apart from who writes: see locks. Files are readable by their owner alone, since
// plugin source may be private. docs/cache-format.md describes the format.
//
// Contents are held in memory while they are written and read, a file at a time by each of a few goroutines.
type Files struct {
	fs    afero.Fs
	locks locks
}

var _ Keeper = (*Files)(nil)

// New returns the store that is kept in fs. It touches fs only when it is used: a store that is never written to may be
// kept in a read-only fs. Only one process may use it, by one Files, where trees are removed from it.
func New(fs afero.Fs) *Files { return &Files{fs: fs, locks: newLocalLocks()} }

// Memory returns a store that does not survive the process.
func Memory() *Files { return New(afero.NewMemMapFs()) }

// Disk returns the store that is kept in the folder dir, which is made if need be, with access for its owner alone. It
// removes what interrupted writes left there. Processes may share the folder. It fails for a folder of another version of the
// format.
func Disk(dir string) (*Files, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	disk := afero.NewOsFs()
	if err := disk.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f := &Files{fs: afero.NewBasePathFs(disk, dir), locks: &folderLocks{dir: dir}}
	if err := f.checkVersion(); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	f.sweep()
	return f, nil
}

// version is what the file version of a store says. The number changes when programs of the version before would misread
// what is there.
const version = "scriptd cache 1\n"

// checkVersion writes the version where there is none.
func (f *Files) checkVersion() error {
	got, err := readUpTo(f.fs, versionFile, 100)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		w := f.writer()
		if err := w.write(versionFile, []byte(version)); err != nil {
			return nil //nolint:nilerr // a full or read-only disk can be read from; writes fail by themselves
		}
		return w.commit()
	case err != nil && !errors.Is(err, errTooLong):
		return err
	case string(got) != version:
		return fmt.Errorf("the cache has another format: its file version begins with %.40q, want %q: name another folder", got, version)
	}
	return nil
}

const (
	blobsDir   = "blobs"
	treesDir   = "trees"
	activeDir  = "active"
	headsDir   = "heads"
	controlDir = "control"
	syncsDir   = "syncs"
	journalDir = "journal"
	corruptDir = "corrupt"
	tempDir    = "tmp"

	versionFile = "version"
)

// recordDirs are the folders with a record for each source.
var recordDirs = []string{activeDir, headsDir, controlDir, syncsDir}

func recordPath(dir, source string) string { return path.Join(dir, source+".json") }

func blobPath(sum string) string     { return path.Join(blobsDir, sum[:2], sum) }
func treePath(d Digest) string       { return path.Join(treesDir, d.hex()) }
func activePath(name string) string  { return recordPath(activeDir, name) }
func controlPath(name string) string { return recordPath(controlDir, name) }
