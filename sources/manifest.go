package sources

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// ManifestName is the path of the manifest of a bucket or a folder.
const ManifestName = ".scriptd-manifest.json"

// IsManifest reports whether a path is that of a manifest or of its signature. Those are no files of the tree.
func IsManifest(name string) bool {
	rest, ok := strings.CutPrefix(name, ManifestName)
	return ok && (rest == "" || rest == ".new" || rest == ".sig" || rest == ".minisig" || rest == ".asc")
}

const (
	// maxManifestBytes and maxManifestFiles bound a manifest.
	maxManifestBytes = 32 << 20
	maxManifestFiles = 100_000
	manifestVersion  = 1
)

// Manifest lists the files of an origin. Whoever has it knows what the origin has, and can tell whether a file is the
// one that is meant. Its format is JSON: {"version":1,"files":[{"path":"a/b.go","size":12,"sha256":"…"}]}.
type Manifest struct {
	// Files are sorted by path, each of which is there once.
	Files []ManifestFile
}

// ManifestFile is a file as a manifest has it.
type ManifestFile struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // in hexadecimal digits
	Exec   bool   `json:"exec,omitempty"`
}

type manifestDocument struct {
	Version int            `json:"version"`
	Files   []ManifestFile `json:"files"`
}

// ReadSigned reads what may be a manifest, or its signature, and no more than that may have.
func ReadSigned(r io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, maxManifestBytes+1))
}

// ParseManifest reads a manifest. The error is of kind Refused where it is none, and that of r otherwise.
func ParseManifest(r io.Reader) (Manifest, error) {
	data, err := ReadSigned(r)
	if err != nil {
		return Manifest{}, err
	}
	m, err := parseManifest(data)
	return m, Fail(Refused, err, "manifest %s", ManifestName)
}

func parseManifest(data []byte) (Manifest, error) {
	if len(data) > maxManifestBytes {
		return Manifest{}, fmt.Errorf("it has more than %d bytes", maxManifestBytes)
	}
	doc, err := decodeManifest(json.NewDecoder(bytes.NewReader(data)))
	if err != nil {
		return Manifest{}, err
	}
	if doc.Version != manifestVersion {
		return Manifest{}, fmt.Errorf("it has version %d, want %d", doc.Version, manifestVersion)
	}
	sortManifest(doc.Files)
	for i, f := range doc.Files {
		sum, err := hex.DecodeString(f.SHA256)
		switch {
		case f.Path == "":
			return Manifest{}, errors.New("it has a file without a path")
		case i > 0 && f.Path == doc.Files[i-1].Path:
			return Manifest{}, fmt.Errorf("it has %s twice", show(f.Path))
		case f.Size < 0, err != nil, len(sum) != sha256.Size, hex.EncodeToString(sum) != f.SHA256:
			return Manifest{}, fmt.Errorf("%s has no valid size and sha256", show(f.Path))
		}
	}
	return Manifest{Files: doc.Files}, nil
}

// decodeManifest decodes a document file by file: a few bytes of JSON can stand for a large value.
func decodeManifest(dec *json.Decoder) (manifestDocument, error) {
	var doc manifestDocument
	dec.DisallowUnknownFields()
	if err := expect(dec, json.Delim('{')); err != nil {
		return doc, err
	}
	seen := map[string]bool{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return doc, invalid(err)
		}
		name, _ := key.(string)
		if seen[name] {
			return doc, fmt.Errorf("it has %.100q twice", name)
		}
		seen[name] = true
		switch name {
		case "version":
			err = invalid(dec.Decode(&doc.Version))
		case "files":
			err = decodeFiles(dec, &doc)
		default:
			err = fmt.Errorf("it has the field %.100q, which is not known", name)
		}
		if err != nil {
			return doc, err
		}
	}
	if err := expect(dec, json.Delim('}')); err != nil {
		return doc, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return doc, errors.New("it is not valid: something follows its end")
	}
	return doc, nil
}

func decodeFiles(dec *json.Decoder, doc *manifestDocument) error {
	if err := expect(dec, json.Delim('[')); err != nil {
		return err
	}
	for dec.More() {
		if len(doc.Files) == maxManifestFiles {
			return fmt.Errorf("it has more than %d files", maxManifestFiles)
		}
		var f ManifestFile
		if err := dec.Decode(&f); err != nil {
			return invalid(err)
		}
		doc.Files = append(doc.Files, f)
	}
	return expect(dec, json.Delim(']'))
}

func expect(dec *json.Decoder, want json.Delim) error {
	got, err := dec.Token()
	if err == nil && got != want {
		err = fmt.Errorf("there is %.20q, want %s", fmt.Sprint(got), want)
	}
	return invalid(err)
}

func invalid(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("it is not valid: %w", err)
}

// NewManifest returns the manifest of files.
func NewManifest(files fs.FS) (Manifest, error) {
	var m Manifest
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		m.Files = append(m.Files, ManifestFile{
			Path: name, Size: int64(len(data)), SHA256: fmt.Sprintf("%x", sha256.Sum256(data)), Exec: info.Mode()&0o111 != 0,
		})
		return nil
	})
	sortManifest(m.Files)
	return m, err
}

func sortManifest(files []ManifestFile) {
	slices.SortFunc(files, func(a, b ManifestFile) int { return cmp.Compare(a.Path, b.Path) })
}

// Revision is a digest over what the manifest lists. How the manifest is laid out makes no difference.
func (m Manifest) Revision() Revision {
	h := sha256.New()
	for _, f := range m.Files {
		fmt.Fprintf(h, "%q %d %s %t\n", f.Path, f.Size, f.SHA256, f.Exec)
	}
	return Revision(fmt.Sprintf("manifest:%x", h.Sum(nil)))
}

// Encode returns the manifest as a document: the same bytes for the same files.
func (m Manifest) Encode() ([]byte, error) {
	doc := manifestDocument{Version: manifestVersion, Files: m.Files}
	if doc.Files == nil {
		doc.Files = []ManifestFile{}
	}
	data, err := json.MarshalIndent(doc, "", " ")
	return append(data, '\n'), err
}

// Check returns what is wrong with the content of a file: it is not the one that the manifest lists.
func (f ManifestFile) Check(content []byte) error {
	if int64(len(content)) != f.Size || fmt.Sprintf("%x", sha256.Sum256(content)) != f.SHA256 {
		return errNotAsListed
	}
	return nil
}

var errNotAsListed = errors.New("it is not what the manifest lists")

// ManifestWriter is a Source whose origin may have a manifest.
type ManifestWriter interface {
	Source
	// WriteManifest makes the manifest of what the origin has now, and puts it there. The origin must not change
	// meanwhile.
	WriteManifest(ctx context.Context) (Manifest, error)
}
