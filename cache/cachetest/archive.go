package cachetest

import (
	"bytes"
	"context"
	"testing/fstest"

	"github.com/scriptd/scriptd/cache"
)

func archiveCases() []testCase {
	return []testCase{
		{"has what sources have in use and heads, and nothing else", archiveInUse},
		{"brings all of it to an empty store", archiveWiped},
		{"replaces what is active", archiveReplaces},
		{"is refused where a byte of it is another", archiveTampered},
		{"is refused where it is cut short, or goes on", archiveCut},
		{"is refused where its digest is not the one that is wanted", archiveDigest},
		{"is read with a signature", archiveSigned},
		{"is not written or read after the end of the context", archiveCancelled},
	}
}

func (t suite) export() ([]byte, cache.Archive) {
	t.Helper()
	var b bytes.Buffer
	a, err := t.keeper().Export(t.Context(), &b)
	if err != nil {
		t.Fatalf("Export: %v", err)
	}
	return b.Bytes(), a
}

func (t suite) importFrom(archive []byte) cache.Archive {
	t.Helper()
	a, err := t.keeper().Import(t.Context(), bytes.NewReader(archive), "")
	if err != nil {
		t.Fatalf("Import: %v", err)
	}
	return a
}

// exported fills the store, and returns trees of which the first two are in use.
func (t suite) exported() (active, pinned, past cache.Digest, a cache.Active) {
	t.Helper()
	trees := t.past("team", 2)
	active = t.put(sample())
	a = cache.Active{Origin: "o", Revision: "r", Digest: active}
	t.activate("team", a)
	t.setControl("team", cache.Control{Packages: map[string]cache.PackageControl{"a": {Pin: trees[1], Revision: "1"}}})
	t.setHead("team", cache.Head{Origin: "o", Revision: "2", Digest: t.put(numbered(2))})
	return active, trees[1], trees[0], a
}

func archiveInUse(t suite) {
	_, pinned, past, a := t.exported()
	archive, told := t.export()
	if told.Trees != 3 || len(told.Sources) != 1 || told.Sources[0] != "team" || !told.Digest.Valid() || told.Bytes <= 100_000 {
		t.Errorf("got %+v", told)
	}
	// Whatever is there already is as good.
	if got := t.importFrom(archive); got.Digest != told.Digest || got.Trees != 3 || got.Bytes != told.Bytes || len(got.Sources) != 1 {
		t.Errorf("imported %+v of %+v", got, told)
	}
	t.wantActive("team", a)
	t.wantTree(pinned, numbered(1))
	t.wantTree(past, numbered(0))
}

// wiped makes the store as good as empty.
func (t suite) wiped() {
	t.Helper()
	empty := t.put(fstest.MapFS{})
	t.activate("team", cache.Active{Digest: empty})
	t.setControl("team", cache.Control{})
	t.setHead("team", cache.Head{Digest: empty})
	if c := t.collect(cache.Retention{Keep: 1}); c.KeptTrees != 1 {
		t.Fatalf("got %+v", c)
	}
}

func archiveWiped(t suite) {
	active, pinned, past, a := t.exported()
	archive, _ := t.export()
	t.wiped()
	_, err := t.store.Open(t.Context(), active)
	t.wantErr(err, cache.ErrNotFound)
	t.importFrom(archive)
	t.wantActive("team", a)
	t.wantTree(active, sample())
	t.wantTree(pinned, numbered(1))
	head := cache.Head{Origin: "o", Revision: "2", Digest: t.digest(numbered(2))}
	t.wantHead("team", head)
	t.wantTree(head.Digest, numbered(2))
	_, err = t.store.Open(t.Context(), past)
	t.wantErr(err, cache.ErrNotFound)
	t.wantControl("team", cache.Control{Packages: map[string]cache.PackageControl{"a": {Pin: pinned, Revision: "1"}}})
	if c := t.collect(cache.Retention{Keep: 1}); c.KeptTrees != 3 {
		t.Errorf("got %+v: what was imported is in use", c)
	}
}

func archiveReplaces(t suite) {
	_, _, _, a := t.exported()
	archive, _ := t.export()
	t.past("team", 1)
	t.past("other", 1)
	t.importFrom(archive)
	t.wantActive("team", a)
	t.wantActive("other", cache.Active{Revision: "0", Digest: t.digest(numbered(0))})
}

// wantRefused ends the test unless an archive is refused, and nothing else is active than before.
func (t suite) wantRefused(archive []byte, want cache.Digest) {
	t.Helper()
	before, err := t.store.Active(t.Context(), "team")
	if err != nil {
		t.Fatal(err)
	}
	_, err = t.keeper().Import(t.Context(), bytes.NewReader(archive), want)
	t.wantErr(err, cache.ErrCorrupt)
	t.wantActive("team", before)
	if v, err := t.keeper().Verify(t.Context(), false); err != nil || len(v.Damage) > 0 {
		t.Fatalf("got %+v, %v", v, err)
	}
}

func archiveTampered(t suite) {
	t.exported()
	archive, _ := t.export()
	t.wiped()
	// The contents, the listing and the record of what is active.
	for _, what := range []string{"package netcheck\n", "scriptd tree 1", "scriptd archive 1", `"origin":"o"`, "active/team.json"} {
		at := bytes.LastIndex(archive, []byte(what))
		if at < 0 {
			t.Fatalf("the archive has no %q", what)
		}
		tampered := bytes.Clone(archive)
		tampered[at+len(what)-1] ^= 1
		t.wantRefused(tampered, "")
	}
	t.importFrom(archive)
}

func archiveCut(t suite) {
	t.exported()
	archive, _ := t.export()
	t.wiped()
	for _, n := range []int{0, 100, 512, 1024, len(archive) / 2, len(archive) - 2048} {
		t.wantRefused(archive[:n], "")
	}
	t.importFrom(archive)
}

func archiveDigest(t suite) {
	t.exported()
	archive, told := t.export()
	t.wiped()
	t.wantRefused(archive, t.digest(sample()))
	if _, err := t.keeper().Import(t.Context(), bytes.NewReader(archive), told.Digest); err != nil {
		t.Errorf("Import: %v", err)
	}
}

func archiveSigned(t suite) {
	_, _, _, a := t.exported()
	archive, told := t.export()
	var signed bytes.Buffer
	if err := cache.SignArchive(&signed, bytes.NewReader(archive), func([]byte) ([]byte, error) { return []byte("signature"), nil }); err != nil {
		t.Fatalf("SignArchive: %v", err)
	}
	t.wiped()
	if got := t.importFrom(signed.Bytes()); got.Digest != told.Digest || got.Trees != told.Trees || got.Bytes != told.Bytes {
		t.Errorf("imported %+v of %+v", got, told)
	}
	t.wantActive("team", a)
}

func archiveCancelled(t suite) {
	_, _, _, a := t.exported()
	archive, _ := t.export()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := t.keeper().Export(ctx, new(bytes.Buffer))
	t.wantErr(err, context.Canceled)
	_, err = t.keeper().Import(ctx, bytes.NewReader(archive), "")
	t.wantErr(err, context.Canceled)
	t.wantActive("team", a)
}
