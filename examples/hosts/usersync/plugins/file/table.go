package file

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

// table is what a file has below its line of names.
type table struct {
	columns []string
	rows    [][]string
}

// read returns the table of departments or of users. It fails where one of the columns is missing, or a row has no code.
func (s *source) read(ctx context.Context, what string, columns ...string) (*table, error) {
	file := s.config.Text(what + "_file")
	rows, err := s.files.Read(ctx, file, s.config.Text(what+"_sheet"))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("read %s: %s: %w: it is empty", what, file, usersync.ErrWrongFormat)
	}
	t := &table{}
	for _, name := range rows[0] {
		t.columns = append(t.columns, strings.ToLower(strings.TrimSpace(name)))
	}
	for _, name := range columns {
		if !slices.Contains(t.columns, name) {
			return nil, fmt.Errorf("read %s: %s: %w: no column is called %s: there are %s", what, file, usersync.ErrWrongFormat, name, strings.Join(t.columns, ", "))
		}
	}
	for i, row := range rows[1:] {
		switch {
		case strings.TrimSpace(strings.Join(row, "")) == "":
		case t.cell(row, "code") == "":
			return nil, fmt.Errorf("read %s: %s: %w: row %d has no code", what, file, usersync.ErrWrongFormat, i+2)
		default:
			t.rows = append(t.rows, row)
		}
	}
	return t, nil
}

// cell returns what a row has in a column. Rows may be shorter than the line of names.
func (t *table) cell(row []string, column string) string {
	if i := slices.Index(t.columns, column); i >= 0 && i < len(row) {
		return strings.TrimSpace(row[i])
	}
	return ""
}

// split returns the codes in a cell.
func split(cell, separator string) []string {
	codes := []string{}
	for code := range strings.SplitSeq(cell, separator) {
		if code = strings.TrimSpace(code); code != "" {
			codes = append(codes, code)
		}
	}
	return codes
}
