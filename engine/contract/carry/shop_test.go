package carry

import (
	"context"
	"errors"
	"io"
	"net"
)

// Item is a thing of a Shop.
type Item struct {
	Name  string
	Price float64
	Tags  []string
	Count int
	Parts []*Item
}

// FullError is an error with data.
type FullError struct {
	Room string
	Err  error
}

func (e *FullError) Error() string { return "no room in " + e.Room }

func (e *FullError) Unwrap() error { return e.Err }

// ErrSold is an error that others compare with.
var ErrSold = errors.New("it is sold")

// Till is what a Shop is given to call.
type Till interface {
	Ring(ctx context.Context, sum int) (int, error)
	Open() bool
}

// Shop has a method for whatever crosses.
type Shop interface {
	Any(v any) (any, error)
	Ask(ctx context.Context, f func(context.Context, int) (string, error), times int) (string, error)
	Contexts(name string, first, second context.Context) error
	Copy(to io.Writer, from io.Reader) (int64, error)
	Each(items []Item, f func(*Item) bool) int
	Fail(how string) error
	Keep(f func() int)
	Kept() int
	Join(sep string, parts ...string) string
	Open(name string) (io.ReadCloser, error)
	Pay(t Till, sum int) (int, error)
	Read(p []byte) (int, error)
	Same(t Till) (Till, error)
	Where(a struct{ Addr net.Addr }) (net.Addr, string)
}

type tillWrapper struct {
	IValue any
	WOpen  func() bool
	WRing  func(context.Context, int) (int, error)
}

func (w tillWrapper) Open() bool { return w.WOpen() }

func (w tillWrapper) Ring(ctx context.Context, sum int) (int, error) { return w.WRing(ctx, sum) }

type shopWrapper struct {
	IValue    any
	WAny      func(any) (any, error)
	WAsk      func(context.Context, func(context.Context, int) (string, error), int) (string, error)
	WContexts func(string, context.Context, context.Context) error
	WCopy     func(io.Writer, io.Reader) (int64, error)
	WEach     func([]Item, func(*Item) bool) int
	WFail     func(string) error
	WKeep     func(func() int)
	WKept     func() int
	WJoin     func(string, ...string) string
	WOpen     func(string) (io.ReadCloser, error)
	WPay      func(Till, int) (int, error)
	WRead     func([]byte) (int, error)
	WSame     func(Till) (Till, error)
	WWhere    func(struct{ Addr net.Addr }) (net.Addr, string)
}

func (w shopWrapper) Any(v any) (any, error) { return w.WAny(v) }

func (w shopWrapper) Ask(ctx context.Context, f func(context.Context, int) (string, error), n int) (string, error) {
	return w.WAsk(ctx, f, n)
}

func (w shopWrapper) Contexts(name string, a, b context.Context) error { //nolint:revive // so that it is not the first
	return w.WContexts(name, a, b)
}

func (w shopWrapper) Copy(to io.Writer, from io.Reader) (int64, error) { return w.WCopy(to, from) }

func (w shopWrapper) Each(items []Item, f func(*Item) bool) int { return w.WEach(items, f) }

func (w shopWrapper) Fail(how string) error { return w.WFail(how) }

func (w shopWrapper) Keep(f func() int) { w.WKeep(f) }

func (w shopWrapper) Kept() int { return w.WKept() }

func (w shopWrapper) Join(sep string, parts ...string) string { return w.WJoin(sep, parts...) }

func (w shopWrapper) Open(name string) (io.ReadCloser, error) { return w.WOpen(name) }

func (w shopWrapper) Pay(t Till, sum int) (int, error) { return w.WPay(t, sum) }

func (w shopWrapper) Read(p []byte) (int, error) { return w.WRead(p) }

func (w shopWrapper) Same(t Till) (Till, error) { return w.WSame(t) }

func (w shopWrapper) Where(a struct{ Addr net.Addr }) (net.Addr, string) { return w.WWhere(a) }
