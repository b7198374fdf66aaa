package cache

import (
	"path"
	"path/filepath"

	"github.com/spf13/afero"
)

// Files is a Store on a file system. Its layout:
//
//	blobs/2c/2cf2…9824    contents, each under its SHA-256; files with the same content share one
//	trees/b5bb…944c       listings, each under the SHA-256 of the listing
//	active/team.json      what Activate recorded for the source team
//	control/team.json     what SetControl recorded
//	syncs/team.json       what SetSyncs recorded
//	tmp/                  writes under way
//
// Each file is written to tmp, synced, and renamed to its place, whose folder is then synced. A listing is written after
// the blobs that it names. So processes may share a store without locks, and one that dies at any point leaves the
// state before or the state after. Files are readable by their owner alone, since plugin source may be private.
//
// Contents are held in memory while they are written and read, a file at a time by each of a few goroutines.
type Files struct {
	fs afero.Fs
}

var _ Store = (*Files)(nil)

// New returns the store that is kept in fs. It touches fs only when it is used: a store that is never written to may be
// kept in a read-only fs.
func New(fs afero.Fs) *Files { return &Files{fs: fs} }

// Memory returns a store that does not survive the process.
func Memory() *Files { return New(afero.NewMemMapFs()) }

// Disk returns the store that is kept in the folder dir, which is made if need be, with access for its owner alone. It
// removes what interrupted writes left there more than an hour ago.
func Disk(dir string) (*Files, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	disk := afero.NewOsFs()
	if err := disk.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f := New(afero.NewBasePathFs(disk, dir))
	f.sweep()
	return f, nil
}

const (
	blobsDir   = "blobs"
	treesDir   = "trees"
	activeDir  = "active"
	controlDir = "control"
	syncsDir   = "syncs"
	tempDir    = "tmp"
)

func blobPath(sum string) string     { return path.Join(blobsDir, sum[:2], sum) }
func treePath(d Digest) string       { return path.Join(treesDir, d.hex()) }
func activePath(name string) string  { return path.Join(activeDir, name+".json") }
func controlPath(name string) string { return path.Join(controlDir, name+".json") }
