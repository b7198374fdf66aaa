package cache_test

import (
	"context"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/afero"

	"github.com/scriptd/scriptd/cache"
)

func quickBucket() process {
	b := &slowBucket{rand: rand.New(rand.NewPCG(1, 1)), objects: make(map[string]slowObject)}
	return process{slowBucket: b, delay: 1}
}

func bring(t *testing.T, s cache.Store, n int) cache.Digest {
	t.Helper()
	d, err := s.Put(t.Context(), sharing(n))
	if err == nil {
		err = s.Activate(t.Context(), "team", cache.Active{Digest: d})
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestSharedMissing: a content that is not there is damage to all trees that have it.
func TestSharedMissing(t *testing.T) {
	b := quickBucket()
	s := cache.NewShared(b, 0)
	bring(t, s, 0)
	bring(t, s, 1)
	for name, o := range b.objects {
		if strings.HasPrefix(name, "blobs/") && string(o.content) == "by all" {
			delete(b.objects, name)
		}
	}
	v, err := s.Verify(t.Context(), false)
	if err != nil || len(v.Damage) != 1 || len(v.Damage[0].Trees) != 2 {
		t.Errorf("got %+v and error %v", v, err)
	}
}

// kinds are the kinds of records that name a tree.
var kinds = map[string]struct {
	write func(ctx context.Context, s cache.Store, d cache.Digest) error
	read  func(ctx context.Context, s cache.Store) (cache.Digest, error)
}{
	"active": {
		func(ctx context.Context, s cache.Store, d cache.Digest) error {
			return s.Activate(ctx, "team", cache.Active{Digest: d})
		},
		func(ctx context.Context, s cache.Store) (cache.Digest, error) {
			a, err := s.Active(ctx, "team")
			return a.Digest, err
		},
	},
	"heads": {
		func(ctx context.Context, s cache.Store, d cache.Digest) error {
			return s.SetHead(ctx, "team", cache.Head{Digest: d})
		},
		func(ctx context.Context, s cache.Store) (cache.Digest, error) {
			h, err := s.Head(ctx, "team")
			return h.Digest, err
		},
	},
	"control": {
		func(ctx context.Context, s cache.Store, d cache.Digest) error {
			return s.SetControl(ctx, "team", cache.Control{Packages: map[string]cache.PackageControl{"p": {Pin: d}}})
		},
		func(ctx context.Context, s cache.Store) (cache.Digest, error) {
			c, err := s.Control(ctx, "team")
			return c.Packages["p"].Pin, err
		},
	},
}

// TestMendedRecordHasItsTree: what a folder knows of a record may name a tree that is gone from the bucket.
func TestMendedRecordHasItsTree(t *testing.T) {
	for dir, kind := range kinds {
		t.Run(dir, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, ctx := quickBucket(), t.Context()
				s := cache.NewShared(b, 0)
				l := cache.NewLayered(cache.Memory(), cache.NewShared(b, 0))
				for n, to := range []cache.Store{l, s} { // the folder has what was before
					d, err := to.Put(ctx, sharing(n))
					if err == nil {
						err = kind.write(ctx, to, d)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(72 * time.Hour)
				if c, err := s.Collect(ctx, cache.Retention{Keep: 1}, false); err != nil || len(c.Trees) != 1 {
					t.Fatal(c, err)
				}
				b.objects[dir+"/team.json"] = slowObject{[]byte("damaged"), time.Now()}
				if v, err := l.Verify(ctx, true); err != nil || len(v.Damage) != 1 {
					t.Fatalf("got %+v and error %v", v, err)
				}
				d, err := kind.read(ctx, s)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := s.Open(ctx, d); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestRecordOfLostTreeIsNotMended: where nobody has the tree any more, that is restored which the journal has.
func TestRecordOfLostTreeIsNotMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := quickBucket()
		s := cache.NewShared(b, 0)
		folder := afero.NewMemMapFs()
		l := cache.NewLayered(cache.New(folder), cache.NewShared(b, 0))
		bring(t, l, 0)
		want := bring(t, s, 1)
		time.Sleep(72 * time.Hour)
		if c, err := s.Collect(t.Context(), cache.Retention{Keep: 1}, false); err != nil || len(c.Trees) != 1 {
			t.Fatal(c, err)
		}
		if err := folder.RemoveAll("trees"); err != nil {
			t.Fatal(err)
		}
		b.objects["active/team.json"] = slowObject{[]byte("damaged"), time.Now()}
		if _, err := l.Verify(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		if a, err := s.Active(t.Context(), "team"); err != nil || a.Digest != want {
			t.Errorf("got %+v and error %v, want %s", a, err, want)
		}
	})
}

// beside is a bucket where something happens before a content is read for the first time.
type beside struct {
	process
	happens func()
}

func (b beside) Get(ctx context.Context, name string, limit int64) ([]byte, cache.Object, error) {
	if strings.HasPrefix(name, "blobs/") {
		b.happens()
	}
	return b.process.Get(ctx, name, limit)
}

// TestExportBesideActivate: a tree that becomes active while those are exported that were is exported, too.
func TestExportBesideActivate(t *testing.T) {
	b := quickBucket()
	s := cache.NewShared(b, 0)
	bring(t, s, 0)
	again := sync.OnceFunc(func() { bring(t, s, 1) })
	from := cache.NewShared(beside{b, again}, 0)
	if a, err := from.Export(t.Context(), io.Discard); err != nil {
		t.Errorf("got %+v and error %v", a, err)
	}
}
