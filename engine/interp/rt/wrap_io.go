package rt

import (
	"io"
	"reflect"

	"github.com/scriptd/scriptd/engine/box"
)

// Functions of package io, and what is built on them, look for more methods than they ask for. The wrappers of readers and
// writers have these: where the type of the program has none, they do what the functions do then.

type ioBox struct {
	box box.Box
	stop
}

// Unbox implements box.Wrapper.
func (w ioBox) Unbox() box.Box { return w.box }

func ioMethod[F any](b box.Box, name string) (f F, ok bool) {
	m, ok := b.T.Method(name)
	if !ok {
		return f, false
	}
	return reflect.TypeAssert[F](m.Func)
}

type (
	reads  struct{ ioBox }
	writes struct{ ioBox }
	closes struct{ ioBox }
)

func (r reads) Read(p []byte) (int, error) {
	f, _ := ioMethod[func(any, []byte) (int, error)](r.box, "Read")
	n, err := f(r.box.V, p)
	return n, r.orStopped(err)
}

// WriteTo is what io.Copy looks for in a reader.
func (r reads) WriteTo(w io.Writer) (int64, error) {
	if f, ok := ioMethod[func(any, io.Writer) (int64, error)](r.box, "WriteTo"); ok {
		return f(r.box.V, w)
	}
	return io.Copy(w, struct{ io.Reader }{r})
}

func (w writes) Write(p []byte) (int, error) {
	f, _ := ioMethod[func(any, []byte) (int, error)](w.box, "Write")
	n, err := f(w.box.V, p)
	return n, w.orStopped(err)
}

// WriteString is what io.WriteString looks for.
func (w writes) WriteString(s string) (int, error) {
	if f, ok := ioMethod[func(any, string) (int, error)](w.box, "WriteString"); ok {
		return f(w.box.V, s)
	}
	return w.Write([]byte(s))
}

// ReadFrom is what io.Copy looks for in a writer.
func (w writes) ReadFrom(r io.Reader) (int64, error) {
	if f, ok := ioMethod[func(any, io.Reader) (int64, error)](w.box, "ReadFrom"); ok {
		return f(w.box.V, r)
	}
	return io.Copy(struct{ io.Writer }{w}, r)
}

func (c closes) Close() error {
	f, _ := ioMethod[func(any) error](c.box, "Close")
	return f(c.box.V)
}

type (
	readWrites struct {
		reads
		writes
	}
	readCloses struct {
		reads
		closes
	}
	writeCloses struct {
		writes
		closes
	}
	readWriteCloses struct {
		reads
		writes
		closes
	}
)

// Unbox implements box.Wrapper.
func (w readWrites) Unbox() box.Box { return w.reads.box }

// Unbox implements box.Wrapper.
func (w readCloses) Unbox() box.Box { return w.reads.box }

// Unbox implements box.Wrapper.
func (w writeCloses) Unbox() box.Box { return w.writes.box }

// Unbox implements box.Wrapper.
func (w readWriteCloses) Unbox() box.Box { return w.reads.box }

// streams are the interfaces whose values are made here.
var streams = map[reflect.Type]bool{
	reflect.TypeFor[io.Reader](): true, reflect.TypeFor[io.Writer](): true, reflect.TypeFor[io.Closer](): true,
	reflect.TypeFor[io.ReadWriter](): true, reflect.TypeFor[io.ReadCloser](): true, reflect.TypeFor[io.WriteCloser](): true,
	reflect.TypeFor[io.ReadWriteCloser](): true,
}

// stream returns a box as a value of one of the streams. It has what its type has of their methods.
func stream(b box.Box, done <-chan struct{}) any {
	w := ioBox{b, done}
	_, canRead := ioMethod[func(any, []byte) (int, error)](b, "Read")
	_, canWrite := ioMethod[func(any, []byte) (int, error)](b, "Write")
	_, canClose := ioMethod[func(any) error](b, "Close")
	switch {
	case canRead && canWrite && canClose:
		return readWriteCloses{reads{w}, writes{w}, closes{w}}
	case canRead && canWrite:
		return readWrites{reads{w}, writes{w}}
	case canRead && canClose:
		return readCloses{reads{w}, closes{w}}
	case canWrite && canClose:
		return writeCloses{writes{w}, closes{w}}
	case canRead:
		return reads{w}
	case canWrite:
		return writes{w}
	}
	return closes{w}
}
