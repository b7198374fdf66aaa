package trust

import (
	"crypto/rand"
	"crypto/sha512"
	"encoding/pem"
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"
)

// SignSSH signs a message with a private key of ssh that has no passphrase, in PEM or OpenSSH's format, as ssh-keygen -Y sign does.
func SignSSH(key, message []byte, namespace string) ([]byte, error) {
	signer, err := ssh.ParsePrivateKey(key)
	if _, ok := errors.AsType[*ssh.PassphraseMissingError](err); ok {
		return nil, errors.New("read private key: it has a passphrase")
	}
	if err != nil {
		return nil, errors.New("read private key: it is no private key of ssh") // the cause may hold some of it
	}
	sum := sha512.Sum512(message)
	const hash = "sha512"
	signed := append([]byte(sshMagic), ssh.Marshal(sshSigned{Namespace: namespace, Hash: hash, Digest: sum[:]})...)
	signature, err := signWith(signer, signed)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	blob := append([]byte(sshMagic), ssh.Marshal(sshSignature{
		Version: 1, PublicKey: signer.PublicKey().Marshal(), Namespace: namespace, Hash: hash, Signature: ssh.Marshal(signature),
	})...)
	return pem.EncodeToMemory(&pem.Block{Type: sshSignatureBlock, Bytes: blob}), nil
}

// signWith signs with SHA-512 where the key leaves a choice.
func signWith(signer ssh.Signer, data []byte) (*ssh.Signature, error) {
	if choosy, ok := signer.(ssh.AlgorithmSigner); ok && signer.PublicKey().Type() == ssh.KeyAlgoRSA {
		return choosy.SignWithAlgorithm(rand.Reader, data, ssh.KeyAlgoRSASHA512)
	}
	return signer.Sign(rand.Reader, data)
}
