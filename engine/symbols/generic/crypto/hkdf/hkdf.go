// Package hkdf derives keys with HMAC. It is the standard package crypto/hkdf, for plugins.
package hkdf

import (
	"hash"

	"github.com/scriptd/scriptd/engine/symbols/generic/host"
)

// Extract makes a pseudorandom key of a secret and a salt.
func Extract[H hash.Hash](h func() H, secret, salt []byte) ([]byte, error) {
	return host.HKDFExtract(func() hash.Hash { return h() }, secret, salt)
}

// Expand makes a key of a pseudorandom key.
func Expand[H hash.Hash](h func() H, pseudorandomKey []byte, info string, keyLength int) ([]byte, error) {
	return host.HKDFExpand(func() hash.Hash { return h() }, pseudorandomKey, info, keyLength)
}

// Key makes a key of a secret and a salt: it extracts, and expands.
func Key[Hash hash.Hash](h func() Hash, secret, salt []byte, info string, keyLength int) ([]byte, error) {
	return host.HKDFKey(func() hash.Hash { return h() }, secret, salt, info, keyLength)
}
