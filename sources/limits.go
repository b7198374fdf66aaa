package sources

// Limits bound what a Tree takes in, so that an origin cannot fill memory or disk. A field that is zero has the value
// of DefaultLimits.
type Limits struct {
	// Bytes is the size of all files together.
	Bytes int64
	// Files is the number of files, links included.
	Files int
	// FileBytes is the size of one file.
	FileBytes int64
	// PathBytes is the length of a path.
	PathBytes int
	// Depth is the number of elements of a path: 2 for a/b.
	Depth int
}

// DefaultLimits returns the limits of a source that sets none: 64 MiB in 10,000 files of up to 16 MiB, in paths of up
// to 1024 bytes and 32 elements.
func DefaultLimits() Limits {
	return Limits{
		Bytes:     64 << 20,
		Files:     10_000,
		FileBytes: 16 << 20,
		PathBytes: 1024,
		Depth:     32,
	}
}

// orDefault fills the fields that are not set.
func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	l.Bytes = positive(l.Bytes, d.Bytes)
	l.Files = positive(l.Files, d.Files)
	l.FileBytes = positive(l.FileBytes, d.FileBytes)
	l.PathBytes = positive(l.PathBytes, d.PathBytes)
	l.Depth = positive(l.Depth, d.Depth)
	return l
}

func positive[N int | int64](n, otherwise N) N {
	if n > 0 {
		return n
	}
	return otherwise
}
