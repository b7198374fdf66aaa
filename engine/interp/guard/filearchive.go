package guard

import (
	"archive/zip"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"debug/plan9obj"
	"errors"
	"os"
	"reflect"
)

// archiveFuncs are the functions that open a file for a reader which keeps it open.
func archiveFuncs(g *Guard) map[string]any {
	return map[string]any{
		"archive/zip.OpenReader": g.openZip,
		"debug/elf.Open":         func(name string) (*elf.File, error) { return opened(g, name, keepOpen(elf.NewFile)) },
		"debug/macho.Open":       func(name string) (*macho.File, error) { return opened(g, name, keepOpen(macho.NewFile)) },
		"debug/macho.OpenFat":    func(name string) (*macho.FatFile, error) { return opened(g, name, keepOpen(macho.NewFatFile)) },
		"debug/pe.Open":          func(name string) (*pe.File, error) { return opened(g, name, keepOpen(pe.NewFile)) },
		"debug/plan9obj.Open":    func(name string) (*plan9obj.File, error) { return opened(g, name, keepOpen(plan9obj.NewFile)) },
	}
}

// openZip is zip.OpenReader. An archive with names that lead out of it comes with an error.
func (g *Guard) openZip(name string) (*zip.ReadCloser, error) {
	var insecure error
	r, err := opened(g, name, func(f *os.File) (*zip.ReadCloser, error) {
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		inner, err := zip.NewReader(f, info.Size())
		if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
			return nil, err
		}
		insecure = err
		return closesZip(inner, f), nil
	})
	if err != nil {
		return nil, err
	}
	return r, insecure
}

// closesZip returns the ReadCloser of a reader that nobody has used yet.
func closesZip(inner *zip.Reader, f *os.File) *zip.ReadCloser {
	r := new(zip.ReadCloser)
	reflect.ValueOf(&r.Reader).Elem().Set(reflect.ValueOf(inner).Elem())
	for _, file := range r.File {
		set(file, &r.Reader, "zip")
	}
	set(r, f, "f")
	return r
}
