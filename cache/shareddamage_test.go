package cache_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
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

// TestExportBesideActivate: a tree that becomes active while those are exported that were is exported, too.
func TestExportBesideActivate(t *testing.T) {
	b := quickBucket()
	s := cache.NewShared(b, 0)
	bring(t, s, 0)
	again := sync.OnceFunc(func() { bring(t, s, 1) })
	b.then = func(request string) {
		if strings.HasPrefix(request, "GET blobs/") {
			again()
		}
	}
	from := cache.NewShared(b, 0)
	if a, err := from.Export(t.Context(), io.Discard); err != nil {
		t.Errorf("got %+v and error %v", a, err)
	}
}

// TestSharedStopped has a process stop after it has found a tree to be young, while it gets old and others remove what they can.
func TestSharedStopped(t *testing.T) {
	put := func(ctx context.Context, s cache.Store) error {
		_, err := s.Put(ctx, sharing(0))
		return err
	}
	wait := func(context.Context, cache.Store) error {
		time.Sleep(20 * time.Minute)
		return nil
	}
	activate := func(ctx context.Context, s cache.Store) error {
		listing, err := cache.Listing(sharing(0))
		if err != nil {
			return err
		}
		return s.Activate(ctx, "team", cache.Active{Digest: cache.DigestOf(listing)})
	}
	tests := map[string]struct {
		age     time.Duration // of the tree
		request string        // that it stops after, where it was made so often
		nth     int
		stops   time.Duration
		broken  bool // the listing is not there, only the contents
		does    []func(ctx context.Context, s cache.Store) error
	}{
		"before a listing": {
			29 * time.Minute, "LIST removing/", 2, 32 * time.Minute, true, []func(context.Context, cache.Store) error{put},
		},
		"before a record": {
			29 * time.Minute, "LIST removing/", 2, 32 * time.Minute, false, []func(context.Context, cache.Store) error{activate},
		},
		"not for long before a record": {
			50 * time.Minute, "LIST removing/", 2, 14 * time.Minute, false, []func(context.Context, cache.Store) error{activate},
		},
		"long after the tree was put": {
			29 * time.Minute, "LIST trees/", 1, 14 * time.Minute, false, []func(context.Context, cache.Store) error{put, wait, activate},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := quickBucket()
				s := cache.NewShared(b, cache.MinGrace)
				if err := put(t.Context(), s); err != nil {
					t.Fatal(err)
				}
				if tt.broken {
					maps.DeleteFunc(b.objects, func(name string, _ slowObject) bool { return strings.HasPrefix(name, "trees/") })
				}
				time.Sleep(tt.age)
				n := 0
				b.then = func(request string) {
					if !strings.HasPrefix(request, tt.request) {
						return
					}
					if n++; n != tt.nth {
						return
					}
					time.Sleep(tt.stops)
					if _, err := s.Collect(t.Context(), cache.Retention{Keep: 1}, false); err != nil {
						t.Error(err)
					}
				}
				stopped := cache.NewShared(b, cache.MinGrace)
				for _, do := range tt.does {
					if err := do(t.Context(), stopped); err != nil && !errors.Is(err, cache.ErrNotFound) {
						t.Error(err)
					}
				}
				if n < tt.nth {
					t.Error("it did not stop")
				}
				if v, err := s.Verify(t.Context(), false); err != nil || len(v.Damage) > 0 {
					t.Errorf("got %+v and error %v", v, err)
				}
				a, err := s.Active(t.Context(), "team")
				if err == nil {
					_, err = s.Open(t.Context(), a.Digest)
				}
				if err != nil && a.Digest != "" {
					t.Errorf("what is active: %v", err)
				}
			})
		})
	}
}

// TestTriedTreeIsSecured: what a record names counts as kept from then on. So it has to be there to stay, also what was only tried.
func TestTriedTreeIsSecured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ctx := quickBucket(), t.Context()
		s := cache.NewShared(b, 0)
		live := bring(t, s, 0)
		tried, err := s.Put(ctx, sharing(1))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(72 * time.Hour)
		follower := cache.NewShared(b, 0)
		follow := func() {
			if err := follower.Activate(ctx, "team", cache.Active{Digest: live, Newest: tried}); err != nil {
				t.Error(err)
			}
			if err := follower.Activate(ctx, "team", cache.Active{Digest: tried}); err != nil && !errors.Is(err, cache.ErrNotFound) {
				t.Error(err)
			}
		}
		var done sync.WaitGroup
		var began atomic.Bool
		b.then = func(request string) {
			// By now, it has read all records.
			if strings.HasPrefix(request, "GET trees/") && began.CompareAndSwap(false, true) {
				done.Go(follow)
				time.Sleep(5 * time.Second)
			}
		}
		if c, err := cache.NewShared(b, 0).Collect(ctx, cache.Retention{Keep: 1}, false); err != nil || len(c.Trees) != 1 {
			t.Errorf("got %+v and error %v", c, err)
		}
		done.Wait()
		a, err := s.Active(ctx, "team")
		if err == nil {
			_, err = s.Open(ctx, a.Digest)
		}
		if err != nil {
			t.Error(err)
		}
	})
}
