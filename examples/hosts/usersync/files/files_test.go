package files

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

// upload makes a folder with files of these contents.
func upload(t *testing.T, contents map[string]string) *Folder {
	t.Helper()
	dir := t.TempDir()
	for name, content := range contents {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// book returns an xlsx file with two sheets.
func book(t *testing.T) string {
	t.Helper()
	b := excelize.NewFile()
	defer b.Close()
	_, err := b.NewSheet("People")
	for cell, v := range map[string]any{"A1": "code", "B1": "age", "A2": "007", "B2": 36, "C3": "a gap"} {
		err = errors.Join(err, b.SetCellValue("People", cell, v))
	}
	err = errors.Join(err, b.SetCellValue("Sheet1", "A1", "first"))
	content, writeErr := b.WriteToBuffer()
	if err = errors.Join(err, writeErr); err != nil {
		t.Fatal(err)
	}
	return content.String()
}

func TestRead(t *testing.T) {
	f := upload(t, map[string]string{
		"a.csv": "\ufeffcode,name\r\n1,\"Ada, Countess\"\r\n2\r\n", "empty.csv": "", "bad.csv": "a,\"b\nc", "latin.csv": "M\xfcller",
		"b.xlsx": book(t), "c.XLSX": "no archive",
	})
	for name, tt := range map[string]struct {
		file, sheet string
		want        [][]string
		err         error
		text        string
	}{
		"csv":            {file: "a.csv", want: [][]string{{"code", "name"}, {"1", "Ada, Countess"}, {"2"}}},
		"an empty one":   {file: "empty.csv"},
		"a bad one":      {file: "bad.csv", err: usersync.ErrWrongFormat, text: "line"},
		"not UTF-8":      {file: "latin.csv", err: usersync.ErrWrongFormat, text: "not UTF-8"},
		"first sheet":    {file: "b.xlsx", want: [][]string{{"first"}}},
		"named sheet":    {file: "b.xlsx", sheet: "People", want: [][]string{{"code", "age"}, {"007", "36"}, {"", "", "a gap"}}},
		"no such sheet":  {file: "b.xlsx", sheet: "Staff", err: usersync.ErrNotFound, text: `no sheet "Staff": it has Sheet1, People`},
		"no xlsx":        {file: "c.XLSX", err: usersync.ErrWrongFormat, text: "not an xlsx file"},
		"no such file":   {file: "d.csv", err: usersync.ErrNotFound, text: "no file d.csv was uploaded"},
		"out of it":      {file: "../secret", text: "path escapes from parent"},
		"an absolute":    {file: "/etc/passwd", text: "path escapes from parent"},
		"no file's name": {file: "", text: "open"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := f.Read(t.Context(), tt.file, tt.sheet)
			if !reflect.DeepEqual(got, tt.want) || (err != nil) != (tt.text != "") || tt.err != nil && !errors.Is(err, tt.err) {
				t.Fatalf("got %q and %v, want %q and %v", got, err, tt.want, tt.err)
			}
			if err != nil && !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %v, want %s in it", err, tt.text)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Read(ctx, "a.csv", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestReadBounds(t *testing.T) {
	f := upload(t, map[string]string{"large.csv": strings.Repeat("a", maxFile+1)})
	if _, err := f.Read(t.Context(), "large.csv", ""); !errors.Is(err, usersync.ErrWrongFormat) {
		t.Errorf("got %v", err)
	}
}
