//go:build unix

package guard

import (
	"os"

	"golang.org/x/sys/unix"
)

func renameBetween(a, b place) error {
	return between(a, b, func(from *os.File, fromName string, to *os.File, toName string) error {
		return unix.Renameat(int(from.Fd()), fromName, int(to.Fd()), toName)
	})
}

func linkBetween(a, b place) error {
	return between(a, b, func(from *os.File, fromName string, to *os.File, toName string) error {
		return unix.Linkat(int(from.Fd()), fromName, int(to.Fd()), toName, 0)
	})
}
