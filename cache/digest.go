package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const digestPrefix = "sha256:"

// Digest identifies a tree by its content, whatever its origin: "sha256:" and the SHA-256, in lower-case hex, of the
// tree's canonical listing (see Listing).
type Digest string

// DigestOf returns the digest of a listing.
func DigestOf(listing []byte) Digest {
	sum := sha256.Sum256(listing)
	return Digest(digestPrefix + hex.EncodeToString(sum[:]))
}

// Valid reports whether d has the form of a digest. It says nothing about whether there is such a tree.
func (d Digest) Valid() bool {
	sum, ok := strings.CutPrefix(string(d), digestPrefix)
	return ok && isSum(sum)
}

// hex is the part after the prefix, of a valid digest.
func (d Digest) hex() string { return string(d[len(digestPrefix):]) }

// isSum reports whether s is a SHA-256 as this package writes it.
func isSum(s string) bool {
	return len(s) == hex.EncodedLen(sha256.Size) && strings.Trim(s, "0123456789abcdef") == ""
}
