package trust_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest/signer"
	"github.com/scriptd/scriptd/sources/trust"
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
			signature, err := trust.SignSSH(private, message, trust.SignedArchive)
			if err != nil {
				t.Fatal(err)
			}
			keys := trust.Keys{SSH: sources.Literal(key.Allowed)}
			if err := keys.Verify(message, signature, trust.SignedArchive); err != nil {
				t.Error(err)
			}
			for what, err := range map[string]error{
				"another message":   keys.Verify([]byte("another"), signature, trust.SignedArchive),
				"another namespace": keys.Verify(message, signature, trust.SignedFile),
				"another key":       trust.Keys{SSH: sources.Literal(signer.NewSSH(t, kind).Allowed)}.Verify(message, signature, trust.SignedArchive),
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
				"-n", trust.SignedArchive, "-s", filepath.Join(dir, "sig"))
			cmd.Stdin = strings.NewReader(string(message))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("ssh-keygen: %v: %s", err, out)
			}
		})
	}
	for what, key := range map[string]string{"no key": "secret", "a public key": signer.NewSSH(t, "ed25519").Allowed} {
		_, err := trust.SignSSH([]byte(key), message, trust.SignedArchive)
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
	if _, err := trust.SignSSH(locked, message, trust.SignedArchive); err == nil || !strings.Contains(err.Error(), "passphrase") {
		t.Errorf("got %v", err)
	}
}
