package filesystem

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/trust"
)

var _ sources.ManifestWriter = (*Source)(nil)

// signed returns the files of the tree, after it has held them against the manifest, where that must be signed.
func (s *Source) signed(root *os.Root, files []entry) ([]entry, error) {
	if !s.verify.IsSet() {
		return files, nil
	}
	data, err := readSigned(root, sources.ManifestName)
	if err != nil {
		return nil, err
	}
	var signature []byte
	for _, name := range s.verify.SignatureNames() {
		if signature, err = readSigned(root, name); err != nil {
			return nil, err
		}
		if signature != nil {
			break
		}
	}
	if data == nil {
		return nil, sources.Fail(sources.Unverified, errors.New("there is none: write and sign it"), "manifest %s", sources.ManifestName)
	}
	if err := s.verify.Verify(data, signature, trust.SignedFile); err != nil {
		return nil, sources.Fail(sources.Unverified, err, "manifest %s", sources.ManifestName)
	}
	m, err := sources.ParseManifest(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	files = slices.DeleteFunc(files, func(f entry) bool { return sources.IsManifest(f.path) })
	return files, compare(m, files)
}

// compare fails where files are not those of a manifest.
func compare(m sources.Manifest, files []entry) error {
	listed := make(map[string]sources.ManifestFile, len(m.Files))
	for _, f := range m.Files {
		listed[f.Path] = f
	}
	for _, f := range files {
		want, ok := listed[f.path]
		delete(listed, f.path)
		var why error
		switch {
		case !ok:
			why = errors.New("the manifest does not list it")
		case f.mode == fs.ModeSymlink:
			why = errors.New("it is a link, which a manifest cannot list")
		case hex.EncodeToString(f.sum[:]) != want.SHA256 || (f.mode&0o111 != 0) != want.Exec:
			why = errors.New("it is not what the manifest lists")
		}
		if why != nil {
			return sources.Fail(sources.Unverified, why, "file %.200q", f.path)
		}
	}
	for name := range listed {
		return sources.Fail(sources.Unverified, errors.New("the manifest lists it, and it is not there"), "file %.200q", name)
	}
	return nil
}

// readSigned reads a file of the root, nil where there is none.
func readSigned(root *os.Root, name string) ([]byte, error) {
	f, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return sources.ReadSigned(f)
}

// WriteManifest writes the manifest of the files that the folder has now, in one step.
func (s *Source) WriteManifest(ctx context.Context) (sources.Manifest, error) {
	root, err := s.open()
	if err != nil {
		return sources.Manifest{}, err
	}
	defer root.Close()
	files, err := s.scan(ctx, root)
	if err != nil {
		return sources.Manifest{}, s.fail(err)
	}
	var m sources.Manifest
	for _, f := range files {
		switch {
		case sources.IsManifest(f.path):
			continue
		case f.mode == fs.ModeSymlink:
			return m, s.fail(sources.Fail(sources.Refused, errors.New("it is a link, which a manifest cannot list"), "file %.200q", f.path))
		}
		m.Files = append(m.Files, sources.ManifestFile{Path: f.path, Size: f.size, SHA256: fmt.Sprintf("%x", f.sum), Exec: f.mode&0o111 != 0})
	}
	slices.SortFunc(m.Files, func(a, b sources.ManifestFile) int { return strings.Compare(a.Path, b.Path) })
	data, err := m.Encode()
	if err != nil {
		return m, s.fail(err)
	}
	const temp = sources.ManifestName + ".new"
	if err := root.WriteFile(temp, data, 0o644); err != nil {
		return m, s.fail(err)
	}
	return m, s.fail(root.Rename(temp, sources.ManifestName))
}
