package s3_test

import (
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/s3"
	"github.com/scriptd/scriptd/sources/sourcetest/signer"
	"github.com/scriptd/scriptd/sources/trust"
)

func TestVerifiedManifests(t *testing.T) {
	opts, wire := large(t, 3)
	key, other, gpg := signer.NewSSH(t, "ed25519"), signer.NewSSH(t, "ed25519"), signer.NewGPG(t)
	writer := opts
	opts.Verify = trust.Keys{SSH: sources.Literal(key.Allowed), GPG: sources.Literal(gpg.Public)}
	src := open(t, opts)
	get := func() []byte {
		t.Helper()
		m, err := open(t, writer).WriteManifest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		data, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	sign := func(sig []byte) { put(t, opts, sources.ManifestName+".sig", string(sig)) }
	refused := func(want string) {
		t.Helper()
		_, err := src.Resolve(t.Context())
		fails(t, err, sources.Unverified, "get the manifest: verify the signature: "+want)
	}
	_, err := src.Resolve(t.Context())
	fails(t, err, sources.NotFound, "there is none")
	data := get()
	refused("there is no signature")
	sign(other.Sign(t, data, "file"))
	refused("its key is not one that may sign")
	sign(key.Sign(t, data, "git"))
	refused("it is for the namespace")
	sign(key.Sign(t, append(data, ' '), "file"))
	refused("it is not of this content")
	sign(key.Sign(t, data, "file"))
	files := fetch(t, src, resolve(t, src))
	holds(t, files, "dir1/file1.go", "content 1")
	if _, err := files.Open(sources.ManifestName + ".sig"); err == nil {
		t.Error("the signature is one of the files")
	}
	wire.Take()
	resolve(t, src)
	requests(t, "nothing changed", wire, 1)

	// A change that is not signed is not seen; one in the manifest is refused.
	put(t, opts, "dir1/file1.go", "changed")
	resolve(t, src)
	get()
	refused("it is not of this content")
	if err := server.Delete(t.Context(), opts.Bucket, "team/"+sources.ManifestName+".sig"); err != nil {
		t.Fatal(err)
	}
	refused("there is no signature")
	put(t, opts, sources.ManifestName+".asc", string(gpg.Sign(t, get())))
	holds(t, fetch(t, src, resolve(t, src)), "dir1/file1.go", "changed")

	opts.Manifest = s3.ManifestIgnored
	_, err = s3.New(opts)
	fails(t, err, sources.Misconfigured, "it cannot be ignored")
}
