package cache_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/scriptd/scriptd/cache"
)

var errUntrusted = errors.New("not to be trusted")

// seal stands for a signature that nobody else can make.
func seal(listing []byte) []byte {
	sum := sha256.Sum256(append([]byte("secret"), listing...))
	return sum[:]
}

func sealed(listing, signature []byte) error {
	if !bytes.Equal(signature, seal(listing)) {
		return errUntrusted
	}
	return nil
}

func signedArchive(t *testing.T) (plain, signed []byte, a cache.Archive) {
	t.Helper()
	s := cache.Memory()
	active := store(t, s, small())
	if err := s.SetHead(t.Context(), "team", cache.Head{Digest: active.Digest}); err != nil {
		t.Fatal(err)
	}
	var archive, b bytes.Buffer
	a, err := s.Export(t.Context(), &archive)
	if err != nil {
		t.Fatal(err)
	}
	if err := cache.SignArchive(&b, bytes.NewReader(archive.Bytes()), func(l []byte) ([]byte, error) { return seal(l), nil }); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes(), b.Bytes(), a
}

func TestCheckArchive(t *testing.T) {
	plain, signed, a := signedArchive(t)
	for name, archive := range map[string][]byte{"plain": plain, "signed": signed} {
		got, err := cache.CheckArchive(t.Context(), bytes.NewReader(archive), nil)
		if err != nil || got.Digest != a.Digest || got.Trees != a.Trees || got.Bytes != a.Bytes || len(got.Sources) != 1 {
			t.Errorf("%s: got %+v and error %v, want %+v", name, got, err, a)
		}
	}
	if _, err := cache.CheckArchive(t.Context(), bytes.NewReader(signed), sealed); err != nil {
		t.Error(err)
	}
	if _, err := cache.CheckArchive(t.Context(), bytes.NewReader(plain), sealed); !errors.Is(err, errUntrusted) {
		t.Errorf("got %v of an archive that is not signed", err)
	}
}

// TestTamperedSignedArchive changes each byte of a signed archive in turn. What is accepted says what was signed.
func TestTamperedSignedArchive(t *testing.T) {
	_, signed, a := signedArchive(t)
	refused := 0
	for i := range signed {
		tampered := bytes.Clone(signed)
		tampered[i] ^= 1
		got, err := cache.CheckArchive(t.Context(), bytes.NewReader(tampered), sealed)
		switch {
		case err == nil && (got.Digest != a.Digest || got.Bytes != a.Bytes):
			t.Fatalf("byte %d: got %+v", i, got)
		case err != nil && !errors.Is(err, cache.ErrCorrupt) && !errors.Is(err, errUntrusted):
			t.Fatalf("byte %d: got %v", i, err)
		case err != nil:
			refused++
		}
	}
	if refused < len(signed)/10 {
		t.Errorf("%d of %d changes were refused", refused, len(signed))
	}
	for n := range signed {
		// What follows the last file may be missing.
		if got, err := cache.CheckArchive(t.Context(), bytes.NewReader(signed[:n]), sealed); err == nil && (got.Bytes != a.Bytes || n < len(signed)/2) {
			t.Fatalf("%d of %d bytes are accepted: %+v", n, len(signed), got)
		}
	}
}
