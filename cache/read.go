package cache

import (
	"cmp"
	"errors"
	"io"

	"github.com/spf13/afero"
)

var errTooLong = errors.New("longer than it should be")

// readUpTo returns the content of a file of at most limit bytes.
func readUpTo(fs afero.Fs, name string, limit int64) (content []byte, err error) {
	file, err := fs.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = cmp.Or(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	// One more than the limit shows whether there is more, and lets a file of the stated size end in one read.
	content = make([]byte, min(info.Size(), limit)+1)
	n, err := io.ReadFull(file, content)
	switch {
	case int64(n) > limit:
		return nil, errTooLong
	case err == nil:
		return nil, errors.New("grew while it was read")
	case !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF):
		return nil, err
	default:
		return content[:n], nil
	}
}
