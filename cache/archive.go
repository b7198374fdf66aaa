package cache

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// archiveHeader is the first line of an archive's listing.
const archiveHeader = "scriptd archive 1"

const archiveListing = "listing"

// maxArchived bounds what is read of one file of an archive, in bytes.
const maxArchived = 1 << 30

// Archive is what Export wrote, or Import read.
type Archive struct {
	// Digest is the SHA-256 of the archive's listing, which names all of its files with theirs.
	Digest  Digest   `json:"digest"`
	Sources []string `json:"sources"`
	Trees   int      `json:"trees"`
	Bytes   int64    `json:"bytes"`
}

// Export writes what sources have in use, and what people want of their packages, to a tar. Its first file is its listing: after
// the line "scriptd archive 1" a line for each further file, in the order of the tar, with SHA-256, size and name. The names are
// those of the store; contents come first, then trees, then records. Damage ends it. See SignArchive.
func (f *Files) Export(ctx context.Context, to io.Writer) (Archive, error) {
	a, err := f.export(ctx, to)
	if err != nil {
		return Archive{}, fmt.Errorf("export cache: %w", err)
	}
	return a, nil
}

func (f *Files) export(ctx context.Context, to io.Writer) (Archive, error) {
	unlock, err := f.locks.share(ctx) // nothing is removed meanwhile
	if err != nil {
		return Archive{}, err
	}
	defer unlock()
	names, records, a, err := f.exported(ctx)
	if err != nil {
		return a, err
	}
	var listing bytes.Buffer
	listing.WriteString(archiveHeader + "\n")
	read := func(name string) ([]byte, error) {
		if content, ok := records[name]; ok {
			return content, nil
		}
		if err := f.check(ctx, name); err != nil {
			return nil, err
		}
		return readUpTo(f.fs, name, maxArchived)
	}
	for _, name := range names {
		content, err := read(name)
		if err = errors.Join(err, ctx.Err()); err != nil {
			return a, fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(&listing, "%s %d %s\n", recordSum(content), len(content), name)
		a.Bytes += int64(len(content))
	}
	a.Digest = DigestOf(listing.Bytes())
	w := tar.NewWriter(to)
	if err := addFile(w, archiveListing, listing.Bytes()); err != nil {
		return a, err
	}
	for _, name := range names {
		content, err := read(name)
		if err == nil {
			err = addFile(w, name, content)
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return a, err
		}
	}
	return a, w.Close()
}

func addFile(w *tar.Writer, name string, content []byte) error {
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: int64(len(content)), ModTime: time.Unix(0, 0), Format: tar.FormatPAX}
	if err := w.WriteHeader(header); err != nil {
		return err
	}
	_, err := w.Write(content)
	return err
}

// exported returns the names of what is exported, in order, and the records among it as they were when it was chosen.
func (f *Files) exported(ctx context.Context) (names []string, records map[string][]byte, a Archive, err error) {
	x, err := newIndex(ctx, f)
	if err != nil {
		return nil, nil, a, err
	}
	records = make(map[string][]byte)
	for _, source := range x.sources {
		found := false
		for _, name := range []string{activePath(source), headPath(source), controlPath(source)} {
			content, err := readUpTo(f.fs, name, maxRecord)
			if err == nil {
				records[name], found = content, true
			}
		}
		if found {
			a.Sources = append(a.Sources, source)
		}
	}
	digests, err := f.trees(ctx)
	if err != nil {
		return nil, nil, a, err
	}
	blobs := make(map[string]bool)
	var trees []string
	for _, d := range digests {
		if !x.keeps(d) {
			continue
		}
		entries, err := f.entries(ctx, d)
		if err != nil {
			return nil, nil, a, fmt.Errorf("tree %s: %w", d, err)
		}
		for _, e := range entries {
			blobs[blobPath(e.sum)] = true
		}
		trees = append(trees, treePath(d))
	}
	a.Trees = len(trees)
	names = append(slices.Sorted(maps.Keys(blobs)), trees...)
	return append(names, slices.Sorted(maps.Keys(records))...), records, a, nil
}

// Import adds what Export wrote, and makes active what was active there; what sources of the same names had active here is
// replaced. It fails with ErrCorrupt for an archive that is not what Export wrote, and, where want is not empty, for one with another
// digest; then no record has changed.
func (f *Files) Import(ctx context.Context, from io.Reader, want Digest) (Archive, error) {
	a, err := f.importFrom(ctx, from, want)
	if err != nil {
		return Archive{}, fmt.Errorf("import into cache: %w", err)
	}
	return a, nil
}

func (f *Files) importFrom(ctx context.Context, from io.Reader, want Digest) (Archive, error) {
	r := &archiveReader{tar: tar.NewReader(from)}
	a := Archive{}
	listing, _, err := r.head()
	if err != nil {
		return a, err
	}
	a.Digest = DigestOf(listing)
	if want != "" && a.Digest != want {
		return a, refuse("its digest is %s, want %s", a.Digest, want)
	}
	lines, err := archiveLines(listing)
	if err != nil {
		return a, err
	}
	unlock, err := f.locks.share(ctx)
	if err != nil {
		return a, err
	}
	defer unlock()
	records, err := f.importFiles(ctx, r, lines, &a)
	if err != nil {
		return a, err
	}
	return a, f.importRecords(ctx, records, &a)
}

type archived struct {
	name    string
	content []byte
}

// importFiles stores contents and trees, and returns the records. The caller shares the lock until these are there, too.
func (f *Files) importFiles(ctx context.Context, r *archiveReader, lines []string, a *Archive) (records []archived, err error) {
	blobs, trees := f.writer(), f.writer()
	for _, line := range lines {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		file, err := r.file(line)
		if err != nil {
			return nil, err
		}
		a.Bytes += int64(len(file.content))
		dir, rest, _ := strings.Cut(file.name, "/")
		sum := recordSum(file.content)
		switch {
		case dir == blobsDir && file.name == blobPath(sum):
			err = blobs.ensure(file.name, file.content)
		case dir == treesDir && rest == sum:
			a.Trees++
			if err = f.whole(file.content); err == nil {
				err = blobs.commit()
			}
			if err == nil {
				err = trees.ensure(file.name, file.content)
			}
		case dir == activeDir || dir == headsDir || dir == controlDir:
			var body json.RawMessage
			if decodeRecord(file.content, &body) != nil || !strings.HasSuffix(rest, ".json") || !sourceName().MatchString(strings.TrimSuffix(rest, ".json")) {
				return nil, refuse("%s is no record", file.name)
			}
			records = append(records, file)
		default:
			return nil, refuse("%s has no place in a cache", file.name)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	if err := errors.Join(blobs.commit(), trees.commit()); err != nil {
		return nil, err
	}
	return records, nil
}

// whole fails unless the contents of a listing are all there.
func (f *Files) whole(listing []byte) error {
	entries, err := parse(listing)
	if err == nil {
		_, err = newTree(entries, make([]string, len(entries)))
	}
	if err != nil {
		return refuse("a tree: %v", err)
	}
	for _, e := range entries {
		if info, err := f.fs.Stat(blobPath(e.sum)); err != nil || info.Size() != e.size {
			return refuse("a tree lacks the content of %s", e.path)
		}
	}
	return nil
}

func (f *Files) importRecords(ctx context.Context, records []archived, a *Archive) error {
	for _, r := range records {
		dir, rest, _ := strings.Cut(r.name, "/")
		source := strings.TrimSuffix(rest, ".json")
		var err error
		switch dir {
		case activeDir:
			var active Active
			if err = decodeRecord(r.content, &active); err == nil {
				err = f.recordActive(ctx, source, active)
			}
		case headsDir:
			var head Head
			if err = decodeRecord(r.content, &head); err == nil {
				err = f.recordHead(ctx, source, head)
			}
		case controlDir:
			var control Control
			if err = decodeRecord(r.content, &control); err == nil {
				err = f.recordControl(ctx, source, control)
			}
		}
		if err != nil {
			return fmt.Errorf("source %s: %w", source, err)
		}
		if !slices.Contains(a.Sources, source) {
			a.Sources = append(a.Sources, source)
		}
	}
	slices.Sort(a.Sources)
	return nil
}

// refuse returns an error that is ErrCorrupt.
func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: the archive is not as it was exported: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}

type archiveReader struct {
	tar *tar.Reader
	// peeked: the header and the error are those of the next file.
	peeked bool
	header *tar.Header
	err    error
}

// next returns the next file, which has that name and at most limit bytes.
func (r *archiveReader) next(name string, limit int64) ([]byte, error) {
	header, err := r.advance()
	switch {
	case err != nil:
		return nil, refuse("%s: %v", name, err)
	case header.Name != name || header.Typeflag != tar.TypeReg:
		return nil, refuse("%q is in it, want the file %s", header.Name, name)
	case header.Size > limit:
		return nil, refuse("%s has %d bytes, more than %d", name, header.Size, limit)
	}
	content, err := io.ReadAll(io.LimitReader(r.tar, limit))
	if err != nil {
		return nil, refuse("%s: %v", name, err)
	}
	return content, nil
}

// file returns the file that a line of the listing names.
func (r *archiveReader) file(line string) (archived, error) {
	fields := strings.SplitN(line, " ", 3)
	if len(fields) != 3 || !isSum(fields[0]) {
		return archived{}, refuse("the listing has the line %.100q", line)
	}
	size, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil || size < 0 || size > maxArchived {
		return archived{}, refuse("the listing has the line %.100q", line)
	}
	content, err := r.next(fields[2], size)
	if err != nil {
		return archived{}, err
	}
	if sum := sha256.Sum256(content); int64(len(content)) != size || hex.EncodeToString(sum[:]) != fields[0] {
		return archived{}, refuse("%s is not what the listing says", fields[2])
	}
	return archived{fields[2], content}, nil
}
