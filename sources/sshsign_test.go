package sources_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest/signer"
)

// TestSignSSH has ssh-keygen, and this package, verify what was signed.
func TestSignSSH(t *testing.T) {
	message := []byte("a message\n")
	for _, kind := range []string{"ed25519", "rsa", "ecdsa"} {
		t.Run(kind, func(t *testing.T) {
			key := signer.NewSSH(t, kind)
			private, err := os.ReadFile(key.Path)
			if err != nil {
				t.Fatal(err)
			}
			signature, err := sources.SignSSH(private, message, sources.SignedArchive)
			if err != nil {
				t.Fatal(err)
			}
			keys := sources.Keys{SSH: sources.Literal(key.Allowed)}
			if err := keys.Verify(message, signature, sources.SignedArchive); err != nil {
				t.Error(err)
			}
			for what, err := range map[string]error{
				"another message":   keys.Verify([]byte("another"), signature, sources.SignedArchive),
				"another namespace": keys.Verify(message, signature, sources.SignedFile),
				"another key":       sources.Keys{SSH: sources.Literal(signer.NewSSH(t, kind).Allowed)}.Verify(message, signature, sources.SignedArchive),
			} {
				if sources.KindOf(err) != sources.Unverified {
					t.Errorf("%s: got %v", what, err)
				}
			}
			dir := t.TempDir()
			for name, content := range map[string][]byte{"allowed": []byte(key.Allowed), "sig": signature} {
				if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), "ssh-keygen", "-Y", "verify", "-f", filepath.Join(dir, "allowed"), "-I", "me@example.com",
				"-n", sources.SignedArchive, "-s", filepath.Join(dir, "sig"))
			cmd.Stdin = strings.NewReader(string(message))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("ssh-keygen: %v: %s", err, out)
			}
		})
	}
	for what, key := range map[string]string{"no key": "secret", "a public key": signer.NewSSH(t, "ed25519").Allowed} {
		_, err := sources.SignSSH([]byte(key), message, sources.SignedArchive)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", what, err)
		}
	}
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", filepath.Join(dir, "key")).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v: %s", err, out)
	}
	locked, err := os.ReadFile(filepath.Join(dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sources.SignSSH(locked, message, sources.SignedArchive); err == nil || !strings.Contains(err.Error(), "passphrase") {
		t.Errorf("got %v", err)
	}
}
