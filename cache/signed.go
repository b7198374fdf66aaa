package cache

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// archiveSignature is the name of the signature of an archive's listing, which follows it where there is one.
const archiveSignature = "listing.sig"

// maxArchiveSignature bounds a signature, in bytes.
const maxArchiveSignature = 64 << 10

// SignArchive copies an archive that Export wrote, with a signature of its listing, which sign returns. The listing names all
// other files with their hashes; so the signature holds for all of the archive.
func SignArchive(to io.Writer, from io.Reader, sign func(listing []byte) (signature []byte, err error)) error {
	if err := signArchive(to, &archiveReader{tar: tar.NewReader(from)}, sign); err != nil {
		return fmt.Errorf("sign archive: %w", err)
	}
	return nil
}

func signArchive(to io.Writer, r *archiveReader, sign func(listing []byte) ([]byte, error)) error {
	listing, _, err := r.head()
	if err != nil {
		return err
	}
	signature, err := sign(listing)
	if err != nil {
		return err
	}
	w := tar.NewWriter(to)
	if err := errors.Join(addFile(w, archiveListing, listing), addFile(w, archiveSignature, signature)); err != nil {
		return err
	}
	for {
		header, err := r.advance()
		if errors.Is(err, io.EOF) {
			return w.Close()
		}
		if err != nil {
			return refuse("%v", err)
		}
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		if _, err := io.Copy(w, r.tar); err != nil {
			return err
		}
	}
}

// CheckArchive reads an archive, and compares all of it with its listing. Verify decides whether the listing is to be trusted, by
// its signature, which is empty where there is none; nil trusts any. It fails with ErrCorrupt for what Export did not write, and
// with the error of verify.
func CheckArchive(ctx context.Context, from io.Reader, verify func(listing, signature []byte) error) (Archive, error) {
	a, err := checkArchive(ctx, &archiveReader{tar: tar.NewReader(from)}, verify)
	if err != nil {
		return Archive{}, fmt.Errorf("check archive: %w", err)
	}
	return a, nil
}

func checkArchive(ctx context.Context, r *archiveReader, verify func(listing, signature []byte) error) (a Archive, err error) {
	listing, signature, err := r.head()
	if err != nil {
		return a, err
	}
	if verify != nil {
		if err := verify(listing, signature); err != nil {
			return a, err
		}
	}
	a.Digest = DigestOf(listing)
	lines, err := archiveLines(listing)
	if err != nil {
		return a, err
	}
	for _, line := range lines {
		file, err := r.file(line)
		if err = errors.Join(err, ctx.Err()); err != nil {
			return a, err
		}
		a.Bytes += int64(len(file.content))
		switch dir, _ := path.Split(file.name); dir {
		case treesDir + "/":
			a.Trees++
		case activeDir + "/", headsDir + "/", controlDir + "/":
			if source := strings.TrimSuffix(path.Base(file.name), ".json"); !slices.Contains(a.Sources, source) {
				a.Sources = append(a.Sources, source)
			}
		}
	}
	slices.Sort(a.Sources)
	return a, r.end()
}

// archiveLines returns the lines of a listing that name files.
func archiveLines(listing []byte) ([]string, error) {
	lines := strings.Split(strings.TrimSuffix(string(listing), "\n"), "\n")
	if lines[0] != archiveHeader {
		return nil, refuse("the listing begins with %.40q, want %q", lines[0], archiveHeader)
	}
	return lines[1:], nil
}

// head reads the listing, and its signature, which is empty where there is none.
func (r *archiveReader) head() (listing, signature []byte, err error) {
	if listing, err = r.next(archiveListing, maxListing); err != nil {
		return nil, nil, err
	}
	r.header, r.err = r.tar.Next()
	r.peeked = true
	if r.err == nil && r.header.Name == archiveSignature {
		signature, err = r.next(archiveSignature, maxArchiveSignature)
	}
	return listing, signature, err
}

// advance returns the header of the next file.
func (r *archiveReader) advance() (*tar.Header, error) {
	if r.peeked {
		r.peeked = false
		return r.header, r.err
	}
	return r.tar.Next()
}

// end fails where there is more.
func (r *archiveReader) end() error {
	if _, err := r.advance(); !errors.Is(err, io.EOF) {
		return refuse("it goes on after what its listing names (%v)", err)
	}
	return nil
}
