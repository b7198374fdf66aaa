// Package trust has the keys that content must be signed with, and signs. Signatures are those of ssh, GPG and minisign.
package trust

import (
	"bytes"
	"errors"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/jedisct1/go-minisign"

	"github.com/scriptd/scriptd/sources"
)

// Keys are public keys that revisions must be signed with. They are read anew for each revision. A signature counts where
// it is of the kind of one of them.
type Keys struct {
	// SSH is an allowed_signers file, see ssh-keygen(1). All of its keys may sign, whosever they are.
	SSH sources.Secret
	// GPG has public keys, armored.
	GPG sources.Secret
	// Minisign is a public key of minisign, with or without its comment.
	Minisign sources.Secret
}

// IsSet reports whether there is any key.
func (k Keys) IsSet() bool { return k.SSH.IsSet() || k.GPG.IsSet() || k.Minisign.IsSet() }

// The namespaces of ssh signatures: those of git, those of files, and those of the listings of archives.
const (
	SignedByGit   = "git"
	SignedFile    = "file"
	SignedArchive = "scriptd-archive"
)

// maxSignature bounds a signature: those of GPG may hold certificates.
const maxSignature = 64 << 10

// Verify returns nil where signature is one of message, by one of the keys. No signature is an error, as is one of a kind
// that there is no key for. Errors are of kind Unverified; Misconfigured where it is the keys that do not hold.
func (k Keys) Verify(message, signature []byte, namespace string) error {
	signature = bytes.TrimSpace(signature)
	var secret sources.Secret
	var verify func(keys string) error
	switch {
	case len(signature) == 0:
		return unverified(errors.New("there is no signature"))
	case len(signature) > maxSignature:
		return unverified(errors.New("it is too long"))
	case bytes.HasPrefix(signature, []byte("-----BEGIN "+sshSignatureBlock)):
		secret, verify = k.SSH, func(keys string) error {
			signers, err := parseAllowedSigners(keys)
			if err != nil {
				return sources.Fail(sources.Misconfigured, err, "read the keys of ssh")
			}
			return unverified(verifySSH(signers, message, signature, namespace))
		}
	case bytes.HasPrefix(signature, []byte("-----BEGIN PGP")):
		secret, verify = k.GPG, func(keys string) error { return verifyGPG(keys, message, signature) }
	case bytes.HasPrefix(signature, []byte("untrusted comment:")):
		secret, verify = k.Minisign, func(keys string) error { return verifyMinisign(keys, message, signature) }
	default:
		return unverified(errors.New("it is of no kind that is known"))
	}
	if !secret.IsSet() {
		return unverified(errors.New("it is of a kind that there is no key for"))
	}
	keys, err := secret.Reveal()
	if err != nil {
		return err
	}
	return verify(keys)
}

func unverified(err error) error {
	return sources.Fail(sources.Unverified, err, "verify the signature")
}

func verifyGPG(keys string, message, signature []byte) error {
	ring, err := openpgp.ReadArmoredKeyRing(strings.NewReader(keys))
	if err != nil || len(ring) == 0 {
		return sources.Fail(sources.Misconfigured, errors.New("there is no armored public key"), "read the keys of GPG")
	}
	_, err = openpgp.CheckArmoredDetachedSignature(ring, bytes.NewReader(message), bytes.NewReader(signature), nil)
	if err != nil {
		return unverified(errors.New("it is not of this content, its key is not one that may sign, or has expired"))
	}
	return nil
}

func verifyMinisign(key string, message, signature []byte) error {
	lines := strings.Fields(key)
	if len(lines) == 0 {
		return sources.Fail(sources.Misconfigured, errors.New("there is none"), "read the key of minisign")
	}
	public, err := minisign.NewPublicKey(lines[len(lines)-1])
	if err != nil {
		return sources.Fail(sources.Misconfigured, errors.New("it is no public key"), "read the key of minisign")
	}
	sig, err := minisign.DecodeSignature(string(signature))
	if err != nil {
		return unverified(errors.New("it is no signature of minisign"))
	}
	if ok, err := public.Verify(message, sig); err != nil || !ok {
		return unverified(errors.New("it is not of this content, or its key is not the one that may sign"))
	}
	return nil
}

// SignatureNames are the paths of the signature of a manifest, in the order in which they are looked for.
func (k Keys) SignatureNames() []string {
	var names []string
	if k.SSH.IsSet() {
		names = append(names, sources.ManifestName+".sig")
	}
	if k.Minisign.IsSet() {
		names = append(names, sources.ManifestName+".minisig")
	}
	if k.GPG.IsSet() {
		names = append(names, sources.ManifestName+".asc")
	}
	return names
}
