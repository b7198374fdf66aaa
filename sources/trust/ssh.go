package trust

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Signatures of ssh-keygen -Y sign, see PROTOCOL.sshsig of OpenSSH.

const (
	sshSignatureBlock = "SSH SIGNATURE"
	sshMagic          = "SSHSIG"
)

// sshSignature is what an armored signature holds after the magic.
type sshSignature struct {
	Version   uint32
	PublicKey []byte
	Namespace string
	Reserved  string
	Hash      string
	Signature []byte
}

// sshSigned is what a signature is over, after the magic.
type sshSigned struct {
	Namespace, Reserved, Hash string
	Digest                    []byte
}

// allowedSigner is a line of an allowed_signers file, see ssh-keygen(1).
type allowedSigner struct {
	key        []byte
	namespaces []string // none is all
}

// parseAllowedSigners reads an allowed_signers file. Whose keys these are makes no difference: all of them may sign. It
// fails for lines that it cannot hold to.
func parseAllowedSigners(text string) ([]allowedSigner, error) {
	var signers []allowedSigner
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		_, rest, ok := strings.Cut(line, " ")
		if !ok {
			return nil, fmt.Errorf("line %d: want principals and a key", n)
		}
		key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(rest))
		if err != nil {
			return nil, fmt.Errorf("line %d: want principals and a key", n)
		}
		signer := allowedSigner{key: key.Marshal()}
		for _, option := range options {
			list, ok := strings.CutPrefix(option, "namespaces=")
			if !ok {
				return nil, fmt.Errorf("line %d: the option %.40q is not supported", n, option)
			}
			signer.namespaces = append(signer.namespaces, strings.Split(strings.Trim(list, `"`), ",")...)
		}
		signers = append(signers, signer)
	}
	if len(signers) == 0 {
		return nil, errors.New("there is no key in it")
	}
	return signers, nil
}

// verifySSH returns why an armored signature of a message does not count.
func verifySSH(signers []allowedSigner, message, armored []byte, namespace string) error {
	block, rest := pem.Decode(armored)
	if block == nil || block.Type != sshSignatureBlock || len(bytes.TrimSpace(rest)) > 0 {
		return errors.New("it is no signature of ssh")
	}
	raw, ok := bytes.CutPrefix(block.Bytes, []byte(sshMagic))
	var sig sshSignature
	if !ok || ssh.Unmarshal(raw, &sig) != nil || sig.Version != 1 {
		return errors.New("it is no signature of ssh")
	}
	if sig.Namespace != namespace {
		return fmt.Errorf("it is for the namespace %.40q, want %q", sig.Namespace, namespace)
	}
	at := slices.IndexFunc(signers, func(s allowedSigner) bool {
		return bytes.Equal(s.key, sig.PublicKey) && (len(s.namespaces) == 0 || slices.Contains(s.namespaces, namespace))
	})
	if at < 0 {
		return errors.New("its key is not one that may sign")
	}
	key, err := ssh.ParsePublicKey(sig.PublicKey)
	if err != nil {
		return errors.New("its key does not hold")
	}
	var digest []byte
	switch sig.Hash {
	case "sha256":
		sum := sha256.Sum256(message)
		digest = sum[:]
	case "sha512":
		sum := sha512.Sum512(message)
		digest = sum[:]
	default:
		return fmt.Errorf("its hash is %.40q, want sha256 or sha512", sig.Hash)
	}
	var inner ssh.Signature
	if err := ssh.Unmarshal(sig.Signature, &inner); err != nil {
		return errors.New("it is no signature of ssh")
	}
	if inner.Format == ssh.KeyAlgoRSA {
		return errors.New("it is made with SHA-1")
	}
	signed := append([]byte(sshMagic), ssh.Marshal(sshSigned{sig.Namespace, sig.Reserved, sig.Hash, digest})...)
	if key.Verify(signed, &inner) != nil {
		return errors.New("it is not of this content")
	}
	return nil
}
