package generic_test

import (
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"sync"
	"testing"

	ownhkdf "github.com/scriptd/scriptd/engine/symbols/generic/crypto/hkdf"
	ownpbkdf2 "github.com/scriptd/scriptd/engine/symbols/generic/crypto/pbkdf2"
	ownerrors "github.com/scriptd/scriptd/engine/symbols/generic/errors"
	ownrand "github.com/scriptd/scriptd/engine/symbols/generic/math/rand/v2"
	ownreflect "github.com/scriptd/scriptd/engine/symbols/generic/reflect"
	ownsync "github.com/scriptd/scriptd/engine/symbols/generic/sync"
	"github.com/scriptd/scriptd/engine/symbols/generic/sync/atomic"
)

// disguised says of itself that it is another error.
type disguised struct{ as *fs.PathError }

func (disguised) Error() string { return "disguised" }

func (d disguised) As(target any) bool {
	if p, ok := target.(**fs.PathError); ok {
		*p = d.as
		return true
	}
	return false
}

func TestAsType(t *testing.T) {
	path := &fs.PathError{Op: "open", Path: "x", Err: os.ErrNotExist}
	tests := map[string]error{
		"nil":       nil,
		"itself":    path,
		"wrapped":   fmt.Errorf("read: %w", path),
		"joined":    errors.Join(os.ErrClosed, fmt.Errorf("a: %w, b: %w", os.ErrExist, path)),
		"other":     os.ErrClosed,
		"disguised": fmt.Errorf("x: %w", disguised{path}),
	}
	for name, err := range tests {
		t.Run(name, func(t *testing.T) {
			want, wantOK := errors.AsType[*fs.PathError](err)
			if got, ok := ownerrors.AsType[*fs.PathError](err); got != want || ok != wantOK {
				t.Errorf("got %v, %t, want %v, %t", got, ok, want, wantOK)
			}
			wantI, wantOK := errors.AsType[interface {
				error
				Timeout() bool
			}](err)
			gotI, ok := ownerrors.AsType[interface {
				error
				Timeout() bool
			}](err)
			if gotI != wantI || ok != wantOK {
				t.Errorf("interface: got %v, %t, want %v, %t", gotI, ok, wantI, wantOK)
			}
			_, wantOK = errors.AsType[disguised](err)
			if _, ok := ownerrors.AsType[disguised](err); ok != wantOK {
				t.Errorf("by value: got %t, want %t", ok, wantOK)
			}
		})
	}
}

func TestOnce(t *testing.T) {
	calls := 0
	value := ownsync.OnceValue(func() int { calls++; return calls })
	values := ownsync.OnceValues(func() (int, error) { calls++; return calls, os.ErrExist })
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			if v := value(); v < 1 || v > 2 {
				t.Errorf("value %d", v)
			}
		})
	}
	group.Wait()
	for range 3 {
		if v, err := values(); v != 2 || !errors.Is(err, os.ErrExist) {
			t.Errorf("values %d, %v", v, err)
		}
	}
	if calls != 2 {
		t.Errorf("%d calls", calls)
	}
}

func TestOncePanics(t *testing.T) {
	for name, p := range map[string]any{"value": "broken", "error": os.ErrExist, "nil": nil} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			broken := func() int { calls++; panic(p) }
			std, own := sync.OnceValue(broken), ownsync.OnceValue(broken)
			for range 3 {
				want := outcome(func() any { return std() })
				if got := outcome(func() any { return own() }); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
			two := ownsync.OnceValues(func() (int, int) { return broken(), broken() })
			for range 2 {
				want := outcome(func() any { return std() })
				if got := outcome(func() any { _, _ = two(); return nil }); got != want {
					t.Errorf("two: got %s, want %s", got, want)
				}
			}
			if calls != 3 {
				t.Errorf("%d calls", calls)
			}
		})
	}
}

func TestAtomicPointer(t *testing.T) {
	var p atomic.Pointer[int]
	a, b := new(1), new(1)
	if p.Load() != nil {
		t.Error("the zero value is not nil")
	}
	if p.CompareAndSwap(a, b) || !p.CompareAndSwap(nil, a) || p.Load() != a {
		t.Error("CompareAndSwap")
	}
	if p.Swap(b) != a || p.Load() != b {
		t.Error("Swap")
	}
	if p.Store(nil); p.Load() != nil {
		t.Error("Store")
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 1000 {
				for {
					old := p.Load()
					next := new(1)
					if old != nil {
						*next = *old + 1
					}
					if p.CompareAndSwap(old, next) {
						break
					}
				}
			}
		})
	}
	group.Wait()
	if n := *p.Load(); n != 8000 {
		t.Errorf("counted %d", n)
	}
}

func TestN(t *testing.T) {
	seen := make(map[int8]bool)
	for range 2000 {
		n := ownrand.N(int8(5))
		if n < 0 || n > 4 {
			t.Fatalf("got %d", n)
		}
		seen[n] = true
		if n := ownrand.N(uint64(1) << 63); n>>63 != 0 {
			t.Fatalf("got %d", n)
		}
	}
	if len(seen) != 5 {
		t.Errorf("seen %v", seen)
	}
	for _, n := range []int{0, -1} {
		if got := outcome(func() any { return ownrand.N(n) }); got != "panic string: invalid argument to N" {
			t.Errorf("N(%d): %s", n, got)
		}
	}
}

func TestReflect(t *testing.T) {
	if got, want := ownreflect.TypeFor[error](), reflect.TypeFor[error](); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := ownreflect.TypeFor[map[string]int](), reflect.TypeFor[map[string]int](); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	var none, some error = nil, os.ErrExist
	hidden := reflect.ValueOf(struct{ n int }{1}).Field(0)
	for i, v := range []reflect.Value{
		reflect.ValueOf(1), reflect.ValueOf("a"), reflect.ValueOf(some),
		reflect.ValueOf(&none).Elem(), reflect.ValueOf(&some).Elem(),
		{},
	} {
		pairs := [][2]func() any{
			{func() any { v, ok := reflect.TypeAssert[int](v); return fmt.Sprint(v, ok) }, func() any { v, ok := ownreflect.TypeAssert[int](v); return fmt.Sprint(v, ok) }},
			{func() any { v, ok := reflect.TypeAssert[error](v); return fmt.Sprint(v, ok) }, func() any { v, ok := ownreflect.TypeAssert[error](v); return fmt.Sprint(v, ok) }},
			{func() any { v, ok := reflect.TypeAssert[any](v); return fmt.Sprint(v, ok) }, func() any { v, ok := ownreflect.TypeAssert[any](v); return fmt.Sprint(v, ok) }},
		}
		for _, pair := range pairs {
			want := outcome(pair[0])
			if got := outcome(pair[1]); got != want {
				t.Errorf("value %d: got %s, want %s", i, got, want)
			}
		}
	}
	if got := outcome(func() any { n, _ := ownreflect.TypeAssert[int](hidden); return n }); got[:5] != "panic" {
		t.Errorf("a field that is not exported: %s", got)
	}
}

func TestKeys(t *testing.T) {
	password, salt := []byte("correct horse"), []byte("battery staple")
	equal := func(name string, got []byte, err error, want []byte, wantErr error) {
		t.Helper()
		if hex.EncodeToString(got) != hex.EncodeToString(want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Errorf("%s: got %x, %v, want %x, %v", name, got, err, want, wantErr)
		}
	}
	for _, length := range []int{16, 64, 1 << 20} {
		got, err := ownhkdf.Key(sha256.New, password, salt, "info", length)
		want, wantErr := hkdf.Key(sha256.New, password, salt, "info", length)
		equal("hkdf.Key", got, err, want, wantErr)
		got, err = ownhkdf.Expand(sha512.New, password, "info", length)
		want, wantErr = hkdf.Expand(sha512.New, password, "info", length)
		equal("hkdf.Expand", got, err, want, wantErr)
	}
	got, err := ownhkdf.Extract(sha256.New, password, salt)
	want, wantErr := hkdf.Extract(sha256.New, password, salt)
	equal("hkdf.Extract", got, err, want, wantErr)
	got, err = ownpbkdf2.Key(sha512.New, string(password), salt, 10, 40)
	want, wantErr = pbkdf2.Key(sha512.New, string(password), salt, 10, 40)
	equal("pbkdf2.Key", got, err, want, wantErr)
}
