// Package files reads tables that tenants uploaded into a folder of the host, CSV and xlsx. It is the service usersync.Files.
package files

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

const (
	// maxFile bounds a file, maxUnpacked what an xlsx file, which is an archive, holds. Both are in bytes.
	maxFile     = 32 << 20
	maxUnpacked = 256 << 20
)

// Folder is where uploaded files are. It is safe for concurrent use.
type Folder struct{ root *os.Root }

var _ usersync.Files = (*Folder)(nil)

// Open returns a folder, which is to be closed. No name leads out of it.
func Open(dir string) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("uploads: %w", err)
	}
	return &Folder{root}, nil
}

// Close closes the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Read implements usersync.Files.
func (f *Folder) Read(ctx context.Context, file, sheet string) ([][]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	content, err := f.content(file)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(filepath.Ext(file), ".xlsx") {
		return readXLSX(content, file, sheet)
	}
	return readCSV(content, file)
}

func (f *Folder) content(file string) ([]byte, error) {
	opened, err := f.root.Open(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: no file %s was uploaded", usersync.ErrNotFound, file)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", file, errors.Unwrap(err)) // without the path on the host
	}
	defer opened.Close()
	content, err := io.ReadAll(io.LimitReader(opened, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", file, errors.Unwrap(err))
	case len(content) > maxFile:
		return nil, fmt.Errorf("%w: %s has more than %d bytes", usersync.ErrWrongFormat, file, maxFile)
	}
	return content, nil
}

func readCSV(content []byte, file string) ([][]string, error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff")) // Excel writes it
	if !utf8.Valid(content) {
		return nil, fmt.Errorf("%w: %s is not UTF-8 text", usersync.ErrWrongFormat, file)
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", usersync.ErrWrongFormat, file, err)
	}
	return rows, nil
}

func readXLSX(content []byte, file, sheet string) (rows [][]string, err error) {
	book, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: maxUnpacked})
	if err != nil {
		return nil, fmt.Errorf("%w: %s is not an xlsx file: %w", usersync.ErrWrongFormat, file, err)
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	sheets := book.GetSheetList()
	switch {
	case sheet == "" && len(sheets) > 0:
		sheet = sheets[0]
	case !slices.Contains(sheets, sheet):
		return nil, fmt.Errorf("%w: %s has no sheet %q: it has %s", usersync.ErrNotFound, file, sheet, strings.Join(sheets, ", "))
	}
	if rows, err = book.GetRows(sheet); err != nil {
		return nil, fmt.Errorf("%w: %s: sheet %s: %w", usersync.ErrWrongFormat, file, sheet, err)
	}
	return rows, nil
}
