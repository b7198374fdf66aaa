// Package signer signs for tests, with the programs that people sign with.
package signer

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// SSH is a key of ssh.
type SSH struct {
	// Path is the file of the private key.
	Path string
	// Allowed is an allowed_signers file with the key alone.
	Allowed string
}

// NewSSH makes a key of a type such as ed25519. The test is skipped where there is no ssh-keygen.
func NewSSH(t *testing.T, kind string) SSH {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	run(t, nil, "ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "test", "-f", path)
	public, err := os.ReadFile(path + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	return SSH{Path: path, Allowed: "me@example.com " + string(public)}
}

// Sign signs a message for a namespace.
func (k SSH) Sign(t *testing.T, message []byte, namespace string) []byte {
	t.Helper()
	return run(t, message, "ssh-keygen", "-Y", "sign", "-f", k.Path, "-n", namespace, "-q")
}

// GPG is a key of GPG, in a home of its own.
type GPG struct {
	home string
	// Public is the armored public key.
	Public string
}

// NewGPG makes a key. The test is skipped where there is no gpg.
func NewGPG(t *testing.T) GPG {
	t.Helper()
	home, err := os.MkdirTemp("", "gpg") //nolint:usetesting // the path of a socket has 108 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	k := GPG{home: home}
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run() //nolint:noctx // the agent may be gone
		_ = os.RemoveAll(home)
	})
	run(t, nil, "gpg", append(k.Args(), "--quick-gen-key", "me@example.com", "ed25519", "sign", "never")...)
	k.Public = string(run(t, nil, "gpg", append(k.Args(), "--armor", "--export")...))
	return k
}

// Args are those with which gpg uses the key without a question.
func (k GPG) Args() []string {
	return []string{"--homedir", k.home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""}
}

// Home is the folder that GNUPGHOME names.
func (k GPG) Home() string { return k.home }

// Sign signs a message.
func (k GPG) Sign(t *testing.T, message []byte) []byte {
	t.Helper()
	return run(t, message, "gpg", append(k.Args(), "--armor", "--detach-sign")...)
}

func run(t *testing.T, stdin []byte, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("there is no %s", name)
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, stderr.Bytes())
	}
	return out
}
