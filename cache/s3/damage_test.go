package s3_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

func (p place) read(tb testing.TB, name string) []byte {
	tb.Helper()
	content, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// write replaces an object behind the server's back.
func (p place) write(tb testing.TB, name string, content []byte) {
	tb.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), content, 0o600); err != nil {
		tb.Fatal(err)
	}
}

// flip flips a bit of an object, and returns what the object was.
func (p place) flip(tb testing.TB, name string, bit int) (before []byte) {
	tb.Helper()
	before = p.read(tb, name)
	flipped := append([]byte(nil), before...)
	flipped[bit/8] ^= 1 << (bit % 8)
	p.write(tb, name, flipped)
	return before
}

// TestFlippedBits flips 200 random bits of a populated bucket: what is read is what was written, or an error, and what is
// put again is mended.
func TestFlippedBits(t *testing.T) {
	p := newPlace(t)
	s := p.open(t)
	active(t, s, "1", numbered(1))
	want := active(t, s, "2", small())
	control := cache.Control{Packages: map[string]cache.PackageControl{"a": {Pin: want.Digest, Revision: "2"}}}
	head := cache.Head{Origin: "o", Revision: "2", Digest: want.Digest}
	if err := errors.Join(s.SetControl(t.Context(), "team", control), s.SetHead(t.Context(), "team", head)); err != nil {
		t.Fatal(err)
	}
	names := p.files(t, "")
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		name := names[random.IntN(len(names))]
		bit := random.IntN(8 * len(p.read(t, name)))
		before := p.flip(t, name, bit)
		v, err := s.Verify(t.Context(), false)
		switch {
		case name == "version": // the store was opened before
		case err == nil && len(v.Damage) == 0 && isRecord(name) && sameRecord(before, p.read(t, name)): // the name of a field in other case
		case err != nil || len(v.Damage) != 1 || v.Damage[0].File != name:
			t.Errorf("%s, bit %d: verified %+v, %v", name, bit, v.Damage, err)
		}
		a, activeErr := s.Active(t.Context(), "team")
		h, headErr := s.Head(t.Context(), "team")
		c, controlErr := s.Control(t.Context(), "team")
		a.Version, h.Version, c.Version = "", "", ""
		if activeErr == nil && !reflect.DeepEqual(a, want) || headErr == nil && !reflect.DeepEqual(h, head) || controlErr == nil && !reflect.DeepEqual(c, control) {
			t.Errorf("%s, bit %d: got %+v, %+v, %+v", name, bit, a, h, c)
		}
		if err := errors.Join(activeErr, headErr, controlErr); err != nil && !errors.Is(err, cache.ErrCorrupt) {
			t.Errorf("%s, bit %d: %v", name, bit, err)
		}
		for _, tree := range []map[string]bool{{"1": true}, {"2": true}} {
			files := small()
			if tree["1"] {
				files = numbered(1)
			}
			d := digest(t, files)
			if _, err := s.Open(t.Context(), d); err != nil && !errors.Is(err, cache.ErrCorrupt) {
				t.Errorf("%s, bit %d: %v", name, bit, err)
			}
			put(t, s, files)
			wantTree(t, s, d, files)
		}
		if dir, _, _ := strings.Cut(name, "/"); dir == "blobs" || dir == "trees" {
			wantSound(t, s)
			if aside := p.read(t, "corrupt/"+strings.ReplaceAll(name, "/", "-")); string(aside) == string(before) {
				t.Errorf("%s, bit %d: what was set aside is sound", name, bit)
			}
		}
		p.write(t, name, before)
	}
	if v, err := p.open(t).Verify(t.Context(), false); err != nil || len(v.Damage) > 0 || v.Trees != 2 || v.Blobs != 4 || v.Records != 5 {
		t.Errorf("got %+v, %v", v, err)
	}
}

func isRecord(name string) bool {
	return !strings.HasPrefix(name, "blobs/") && !strings.HasPrefix(name, "trees/")
}

// sameRecord reports whether the value is the same, to the byte.
func sameRecord(a, b []byte) bool {
	var x, y struct{ Record json.RawMessage }
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && bytes.Equal(x.Record, y.Record)
}

func TestRepair(t *testing.T) {
	p := newPlace(t)
	s := p.open(t)
	old := active(t, s, "1", numbered(1))
	want := active(t, s, "2", small())
	for _, dir := range []string{"active", "trees", "blobs"} {
		p.flip(t, p.files(t, dir)[0], 5)
	}
	v, err := s.Verify(t.Context(), true)
	if err != nil || len(v.Damage) != 3 {
		t.Fatalf("got %+v and %v", v, err)
	}
	for _, d := range v.Damage {
		if !strings.HasPrefix(d.Repair, "set aside as corrupt/") {
			t.Errorf("got %+v", d)
		}
	}
	put(t, s, numbered(1))
	put(t, s, small())
	wantSound(t, s)
	wantTree(t, s, old.Digest, numbered(1))
	// The record is what the journal has, of the last tree that was there.
	a, err := s.Active(t.Context(), "team")
	if err != nil || a.Digest != want.Digest && a.Digest != old.Digest {
		t.Errorf("got %+v and %v", a, err)
	}
	if c, err := s.Collect(t.Context(), cache.Retention{Keep: 2}, false); err != nil {
		t.Errorf("got %+v and %v", c, err)
	}
}

// TestCollectNeedsToKnow: where a record cannot be read, nothing is removed.
func TestCollectNeedsToKnow(t *testing.T) {
	p := newPlace(t)
	s := p.open(t)
	active(t, s, "1", numbered(1))
	active(t, s, "2", small())
	p.later(t)
	for _, name := range []string{"active/team.json", p.files(t, "trees")[0]} {
		before := p.flip(t, name, 100)
		files := p.files(t, "")
		if _, err := s.Collect(t.Context(), cache.Retention{Keep: 1}, false); !errors.Is(err, cache.ErrCorrupt) {
			t.Errorf("%s: got %v", name, err)
		}
		if !reflect.DeepEqual(p.files(t, ""), files) {
			t.Errorf("%s: got %v", name, p.files(t, ""))
		}
		p.write(t, name, before)
	}
}

// TestServerDown: what fails names the bucket, the object and the cause, and nothing else.
func TestServerDown(t *testing.T) {
	p := newPlace(t)
	a := active(t, p.open(t), "1", small())
	proxy := sourcetest.NewProxy(t, strings.TrimPrefix(server.Endpoint(), "http://"))
	s := p.at(proxy.Addr()).open(t)
	undo := proxy.Down()
	where := "s3 bucket " + p.opts.Bucket.Name + ", prefix shared/cache/: "
	all := map[string]func(context.Context) error{
		"get version":               func(ctx context.Context) error { _, err := s.Open(ctx, a.Digest); return err },
		"get  version":              func(ctx context.Context) error { _, err := s.Put(ctx, small()); return err },
		"active tree of team":       func(ctx context.Context) error { _, err := s.Active(ctx, "team"); return err },
		"activate tree of team":     func(ctx context.Context) error { return s.Activate(ctx, "team", a) },
		"verify cache":              func(ctx context.Context) error { _, err := s.Verify(ctx, false); return err },
		"list cache":                func(ctx context.Context) error { _, err := s.Trees(ctx); return err },
		"collect what the cache do": func(ctx context.Context) error { _, err := s.Collect(ctx, cache.Retention{}, false); return err },
	}
	for op, call := range all {
		err := call(t.Context())
		if err == nil || errors.Is(err, cache.ErrNotFound) || errors.Is(err, cache.ErrCorrupt) {
			t.Fatalf("%s: got %v", op, err)
		}
		if text := err.Error(); !strings.Contains(text, strings.ReplaceAll(op, "  ", " ")) || !strings.Contains(text, where) ||
			!strings.HasSuffix(text, "connection refused") || strings.Contains(text, server.SecretKey()) {
			t.Errorf("%s: %v", op, err)
		}
	}
	undo()
	for op, call := range all {
		if err := call(t.Context()); err != nil {
			t.Errorf("%s: %v", op, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	p := newPlace(t)
	p.opts.Bucket.SecretAccessKey = sources.Literal("wrong")
	_, err := p.open(t).Active(t.Context(), "team")
	if sources.KindOf(err) != sources.Denied || !strings.Contains(err.Error(), "get version: the server refuses the credentials (SignatureDoesNotMatch)") {
		t.Errorf("got %v", err)
	}
	p = newPlace(t)
	p.opts.Bucket.Name = "nowhere-at-all"
	_, err = p.open(t).Put(t.Context(), small())
	if sources.KindOf(err) != sources.NotFound || !strings.HasSuffix(err.Error(), "there is no such bucket") {
		t.Errorf("got %v", err)
	}
	p = newPlace(t)
	active(t, p.open(t), "1", small())
	p.write(t, "version", []byte("scriptd cache 2\n"))
	_, err = p.open(t).Active(t.Context(), "team")
	if err == nil || !strings.Contains(err.Error(), "name another prefix") {
		t.Errorf("got %v", err)
	}
}

// TestSecretsAreReadAgain: a key that was replaced is used from then on.
func TestSecretsAreReadAgain(t *testing.T) {
	p := newPlace(t)
	secret := "wrong"
	p.opts.Bucket.SecretAccessKey = sources.NewSecret(func() (string, error) { return secret, nil })
	s := p.open(t)
	if _, err := s.Put(t.Context(), small()); sources.KindOf(err) != sources.Denied {
		t.Errorf("got %v", err)
	}
	secret = server.SecretKey()
	put(t, s, small())
}
