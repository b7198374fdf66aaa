package trust_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest"
	"github.com/scriptd/scriptd/sources/sourcetest/signer"
	"github.com/scriptd/scriptd/sources/trust"
)

// Of minisign's own documentation: a signature of "test".
const (
	minisignKey = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
	minisignSig = "untrusted comment: signature from minisign secret key\nRUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=\n" +
		"trusted comment: timestamp:1635443258\tfile:test\thashed\n/cj37GK60vryibFn+ftOgbCvW9NKhKYgjVpFFQUcWPAnjO23wrvVDTt7cloNC06maoBli9q6qwZDXXoaxweICQ==\n"
)

func TestKeysVerify(t *testing.T) {
	message := []byte("test")
	ed, rsa, curve := signer.NewSSH(t, "ed25519"), signer.NewSSH(t, "rsa"), signer.NewSSH(t, "ecdsa")
	gpg, otherGPG := signer.NewGPG(t), signer.NewGPG(t)
	ssh := func(allowed ...string) trust.Keys {
		return trust.Keys{SSH: sources.Literal(strings.Join(allowed, "\n"))}
	}
	pgp := func(keys string) trust.Keys { return trust.Keys{GPG: sources.Literal(keys)} }
	mini := func(key string) trust.Keys { return trust.Keys{Minisign: sources.Literal(key)} }
	edSig := ed.Sign(t, message, "file")
	limited := func(list string) string {
		principal, key, _ := strings.Cut(ed.Allowed, " ")
		return principal + ` namespaces="` + list + `" ` + key
	}
	flip := func(sig []byte) []byte {
		bad := bytes.Clone(sig)
		bad[len(bad)/2] ^= 1
		return bad
	}
	tests := []struct {
		name string
		keys trust.Keys
		sig  []byte
		kind sources.Kind // Transient: it counts
		want string
	}{
		{"ssh, ed25519", ssh(ed.Allowed), edSig, 0, ""},
		{"ssh, rsa", ssh(ed.Allowed, rsa.Allowed), rsa.Sign(t, message, "file"), 0, ""},
		{"ssh, ecdsa", ssh("# keys\n", curve.Allowed), curve.Sign(t, message, "file"), 0, ""},
		{"ssh, for these namespaces", ssh(limited("git,file")), edSig, 0, ""},
		{"ssh, for another namespace", ssh(limited("git")), edSig, sources.Unverified, "its key is not one that may sign"},
		{"ssh, of another key", ssh(rsa.Allowed), edSig, sources.Unverified, "its key is not one that may sign"},
		{"ssh, signed for git", ssh(ed.Allowed), ed.Sign(t, message, "git"), sources.Unverified, `it is for the namespace "git", want "file"`},
		{"ssh, of another content", ssh(ed.Allowed), ed.Sign(t, []byte("other"), "file"), sources.Unverified, "it is not of this content"},
		{"ssh, changed", ssh(ed.Allowed), flip(edSig), sources.Unverified, ""},
		{"ssh, cut short", ssh(ed.Allowed), edSig[:len(edSig)/2], sources.Unverified, "it is no signature of ssh"},
		{"ssh, followed by another", ssh(ed.Allowed), append(bytes.Clone(edSig), rsa.Sign(t, message, "file")...), sources.Unverified, "it is no signature of ssh"},
		{"ssh, an authority", ssh("* cert-authority " + strings.TrimPrefix(ed.Allowed, "me@example.com ")), edSig, sources.Misconfigured, `the option "cert-authority" is not supported`},
		{"ssh, with a time", ssh(`me valid-before="20300101" ` + strings.TrimPrefix(ed.Allowed, "me@example.com ")), edSig, sources.Misconfigured, "is not supported"},
		{"ssh, no keys", ssh("# none"), edSig, sources.Misconfigured, "there is no key in it"},
		{"ssh, not keys", ssh("hello world"), edSig, sources.Misconfigured, "line 1: want principals and a key"},
		{"gpg", pgp(gpg.Public), gpg.Sign(t, message), 0, ""},
		{"gpg, one of several keys", pgp(otherGPG.Public + gpg.Public), otherGPG.Sign(t, message), 0, ""},
		{"gpg, of another key", pgp(otherGPG.Public), gpg.Sign(t, message), sources.Unverified, "not of this content, its key is not one"},
		{"gpg, of another content", pgp(gpg.Public), gpg.Sign(t, []byte("other")), sources.Unverified, "not of this content"},
		{"gpg, changed", pgp(gpg.Public), flip(gpg.Sign(t, message)), sources.Unverified, ""},
		{"gpg, no keys", pgp("nothing"), gpg.Sign(t, message), sources.Misconfigured, "there is no armored public key"},
		{"minisign", mini(minisignKey), []byte(minisignSig), 0, ""},
		{"minisign, a key with a comment", mini("untrusted comment: minisign public key\n" + minisignKey + "\n"), []byte(minisignSig), 0, ""},
		{"minisign, changed", mini(minisignKey), flip([]byte(minisignSig)), sources.Unverified, ""},
		{"minisign, another comment", mini(minisignKey), []byte(strings.Replace(minisignSig, "file:test", "file:prod", 1)), sources.Unverified, "not of this content"},
		{"minisign, cut short", mini(minisignKey), []byte(minisignSig[:100]), sources.Unverified, "it is no signature of minisign"},
		{"minisign, not a key", mini("hello"), []byte(minisignSig), sources.Misconfigured, "it is no public key"},
		{"none", ssh(ed.Allowed), nil, sources.Unverified, "there is no signature"},
		{"blank", ssh(ed.Allowed), []byte(" \n\n"), sources.Unverified, "there is no signature"},
		{"of another kind", ssh(ed.Allowed), gpg.Sign(t, message), sources.Unverified, "of a kind that there is no key for"},
		{"of no kind", ssh(ed.Allowed), []byte("signed, me"), sources.Unverified, "of no kind that is known"},
		{"too long", ssh(ed.Allowed), bytes.Repeat([]byte("x"), 65<<10), sources.Unverified, "it is too long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.keys.Verify(message, tt.sig, trust.SignedFile)
			if tt.kind == sources.Transient {
				if err != nil {
					t.Error(err)
				}
				return
			}
			sourcetest.WantError(t, err, tt.kind, tt.want)
		})
	}
	broken := trust.Keys{SSH: sources.NewSecret(func() (string, error) { return "", errors.New("KEYS is not set") })}
	sourcetest.WantError(t, broken.Verify(message, edSig, "file"), sources.Misconfigured, "KEYS is not set")
}

func FuzzSignature(f *testing.F) {
	f.Add([]byte(minisignSig), "me ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl")
	f.Add([]byte("-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----"), "me@example.com namespaces=\"a\" ssh-rsa AAAA")
	f.Add([]byte("-----BEGIN PGP SIGNATURE-----\n\niHUEABYKAB0=\n-----END PGP SIGNATURE-----"), "")
	f.Fuzz(func(t *testing.T, sig []byte, keys string) {
		k := trust.Keys{SSH: sources.Literal(keys), GPG: sources.Literal(keys), Minisign: sources.Literal(minisignKey)}
		if k.Verify([]byte("a message that nobody signed"), sig, "file") == nil {
			t.Errorf("%q is taken for a signature", sig)
		}
	})
}
