package carry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"testing"

	"github.com/scriptd/scriptd/plugin"
)

func (s *shop) Fail(how string) error {
	switch how {
	case "variable":
		return fmt.Errorf("at the till: %w", ErrSold)
	case "eof":
		return io.EOF
	case "list":
		return fmt.Errorf("both: %w, %w", io.ErrUnexpectedEOF, &FullError{"the cellar", ErrSold})
	case "typed":
		return &FullError{Room: "the attic"}
	case "path":
		_, err := os.Open("/nowhere/at/all")
		return err
	case "own":
		return ownError{fs.ErrPermission}
	case "invalid":
		return plugin.Invalid("count: %w", ErrSold)
	case "retry":
		return plugin.Retryable(errors.New("later"))
	case "timeout":
		ctx, cancel := context.WithTimeout(context.Background(), 0)
		defer cancel()
		return ctx.Err()
	case "panic":
		panic(fmt.Errorf("broken: %w", ErrSold))
	case "goexit":
		runtime.Goexit()
	}
	return nil
}

// ownError is of a type that no table has.
type ownError struct{ is error }

func (ownError) Error() string { return "own" }

func (e ownError) Is(target error) bool { return target == e.is }

func TestErrorsKeepWhatTheyAre(t *testing.T) {
	s := elsewhere[Shop](t, &shop{})
	local := &shop{}
	for how, want := range map[string][]error{
		"variable": {ErrSold}, "eof": {io.EOF}, "list": {io.ErrUnexpectedEOF, ErrSold}, "typed": nil,
		"path": {fs.ErrNotExist}, "own": {fs.ErrPermission}, "invalid": {ErrSold}, "retry": nil, "timeout": {context.DeadlineExceeded},
	} {
		err := s.Fail(how)
		if err == nil || err.Error() != local.Fail(how).Error() {
			t.Errorf("%s: got the text of %v, want that of %v", how, err, local.Fail(how))
			continue
		}
		for _, is := range want {
			if !errors.Is(err, is) {
				t.Errorf("%s: %v is not %v", how, err, is)
			}
		}
		if errors.Is(err, fs.ErrClosed) {
			t.Errorf("%s: it is an error that it is not", how)
		}
	}
	if err := s.Fail("eof"); err != io.EOF { //nolint:errorlint // the same
		t.Errorf("got %v, want io.EOF itself", err)
	}
	var full *FullError
	if err := s.Fail("list"); !errors.As(err, &full) || full.Room != "the cellar" || full.Err != ErrSold { //nolint:errorlint // the same
		t.Errorf("got %v with %v", err, full)
	}
	var path *fs.PathError
	if err := s.Fail("path"); !errors.As(err, &path) || path.Path != "/nowhere/at/all" {
		t.Errorf("got %v with %v", err, path)
	}
	if !plugin.IsInvalid(s.Fail("invalid")) || !plugin.IsRetryable(s.Fail("retry")) || plugin.IsRetryable(s.Fail("invalid")) {
		t.Error("the marks of package plugin are lost")
	}
	if err := s.Fail("variable"); errors.Unwrap(err) != ErrSold { //nolint:errorlint // the same
		t.Errorf("got %v", errors.Unwrap(err))
	}
	if err := s.Fail(""); err != nil {
		t.Errorf("got %v, want none", err)
	}
	if err := s.Fail("goexit"); err == nil {
		t.Error("a call whose goroutine has ended returned no error")
	}
}
