package guard

import (
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"

	"github.com/scriptd/scriptd/engine/symbols"
)

// formFuncs are the functions that keep the files of a form: what is too large for the memory becomes a temporary file.
func formFuncs(g *Guard) map[string]any {
	return map[string]any{
		"(*mime/multipart.Reader).ReadForm": func(r *multipart.Reader, maxMemory int64) (*multipart.Form, error) {
			if dir, ok := g.mayKeepFiles(); !ok {
				return nil, plain("createtemp", dir, g.denied(symbols.Write, dir))
			}
			return r.ReadForm(maxMemory)
		},
		"(*net/http.Request).ParseMultipartForm": g.parseForm,
		"(*net/http.Request).FormValue": func(r *http.Request, key string) string {
			if r.Form == nil {
				_ = g.parseForm(r, defaultMemory)
			}
			return r.FormValue(key)
		},
		"(*net/http.Request).PostFormValue": func(r *http.Request, key string) string {
			if r.PostForm == nil {
				_ = g.parseForm(r, defaultMemory)
			}
			return r.PostFormValue(key)
		},
		"(*net/http.Request).FormFile": func(r *http.Request, key string) (multipart.File, *multipart.FileHeader, error) {
			if r.MultipartForm == nil {
				if err := g.parseForm(r, defaultMemory); err != nil {
					return nil, nil, err
				}
			}
			return r.FormFile(key)
		},
	}
}

const (
	// defaultMemory is what package net/http keeps in memory of the files of a form.
	defaultMemory = 32 << 20
	// otherMemory is what it keeps of the rest.
	otherMemory = 10 << 20
)

// mayKeepFiles returns the folder for temporary files, and whether the package may write there.
func (g *Guard) mayKeepFiles() (string, bool) {
	dir, err := filepath.Abs(os.TempDir())
	return dir, err == nil && (g.grants().allFiles || cover(g.grants().write, dir, g.Program) != "")
}

// parseForm is the method ParseMultipartForm. Without a folder for temporary files, a form that needs one is an error.
func (g *Guard) parseForm(r *http.Request, maxMemory int64) error {
	dir, may := g.mayKeepFiles()
	if may || r.MultipartForm != nil || r.Body == nil {
		return r.ParseMultipartForm(maxMemory)
	}
	limit := int64(math.MaxInt64)
	if maxMemory < math.MaxInt64-otherMemory {
		limit = max(maxMemory, 0) + otherMemory
	}
	body := r.Body
	defer func() { r.Body = body }()
	r.Body = &bounded{body, limit, plain("createtemp", dir, g.denied(symbols.Write, dir))}
	return r.ParseMultipartForm(math.MaxInt64)
}

// bounded is a body of which not more than left bytes may be read.
type bounded struct {
	io.ReadCloser
	left int64
	err  error
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, b.err
	}
	return n, err
}
