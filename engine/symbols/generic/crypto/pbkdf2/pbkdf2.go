// Package pbkdf2 derives keys from passwords. It is the standard package crypto/pbkdf2, for plugins.
package pbkdf2

import (
	"hash"

	"github.com/scriptd/scriptd/engine/symbols/generic/host"
)

// Key makes a key of a password and a salt, with iter rounds of the hash.
func Key[Hash hash.Hash](h func() Hash, password string, salt []byte, iter, keyLength int) ([]byte, error) {
	return host.PBKDF2Key(func() hash.Hash { return h() }, password, salt, iter, keyLength)
}
