package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/trust"
)

// maxKeyFile bounds a file with keys, in bytes.
const maxKeyFile = 1 << 20

// signerOf returns what signs with the private key in a file.
func signerOf(name string) (func(message []byte) ([]byte, error), error) {
	key, err := readKeys(name)
	if err != nil {
		return nil, err
	}
	sign := func(message []byte) ([]byte, error) {
		signature, err := trust.SignSSH(key, message, trust.SignedArchive)
		if err != nil {
			return nil, usageError(fmt.Errorf("%s: %w", name, err))
		}
		return signature, nil
	}
	_, err = sign(nil) // before anything is written
	return sign, err
}

// verifier returns what decides whether an archive is to be trusted: signed with a key of the configuration, or of one of the
// files. It is nil where neither names any.
func (a *app) verifier(files []string) (func(listing, signature []byte) error, error) {
	cfg, err := a.load()
	if err != nil {
		return nil, err
	}
	if !cfg.Trust().IsSet() && len(files) == 0 {
		return nil, nil
	}
	trusted, err := cfg.Trust().Reveal()
	if err != nil {
		return nil, err
	}
	texts := []string{allowedSigners(trusted)}
	for _, name := range files {
		text, err := readKeys(name)
		if err != nil {
			return nil, usageError(err)
		}
		texts = append(texts, allowedSigners(string(text)))
	}
	keys := trust.Keys{SSH: sources.Literal(strings.Join(texts, "\n"))}
	return func(listing, signature []byte) error { return keys.Verify(listing, signature, trust.SignedArchive) }, nil
}

var publicKey = regexp.MustCompile(`(?m)^((?:ssh|ecdsa|sk)-[a-z0-9@.-]+ )`)

// allowedSigners makes lines of an allowed_signers file of public keys, as they lie in files of their own.
func allowedSigners(text string) string { return publicKey.ReplaceAllString(text, "* $1") }

func readKeys(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxKeyFile {
		err = fmt.Errorf("%s has %d bytes, the limit is %d", name, info.Size(), maxKeyFile)
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}
