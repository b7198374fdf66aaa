package cache_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/scriptd/scriptd/cache"
)

// sharing returns trees that share files.
func sharing(n int) fstest.MapFS {
	return fstest.MapFS{
		"shared": {Data: []byte("by all")}, "pair": {Data: fmt.Append(nil, "pair", n/2)}, "own": {Data: fmt.Append(nil, n)},
	}
}

// sharedWorlds is the variable that makes TestSharedInterleaved take longer.
const sharedWorlds = "CACHE_SHARED_WORLDS"

// TestSharedInterleaved has processes write, go back, remove, stop and die in many orders, in a time that passes at once. Nothing is
// lost.
func TestSharedInterleaved(t *testing.T) {
	worlds := 20
	if testing.Short() {
		worlds = 8
	}
	if more := os.Getenv(sharedWorlds); more != "" {
		var err error
		if worlds, err = strconv.Atoi(more); err != nil {
			t.Fatal(err)
		}
	}
	for seed := range worlds {
		synctest.Test(t, func(t *testing.T) {
			w := world{
				slowBucket: &slowBucket{rand: rand.New(rand.NewPCG(uint64(seed), 1)), objects: make(map[string]slowObject)},
				damages:    seed%4 == 3,
			}
			for range 12 {
				w.round(t)
			}
		})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// world is what happens to a bucket.
type world struct {
	*slowBucket
	damages bool
}

const (
	sourceCount = 3
	treeCount   = 5
)

// round has processes act at the same time, two for a source, and two that remove. Then it looks at what they leave.
func (w world) round(t *testing.T) {
	t.Helper()
	time.Sleep(w.upTo(90 * time.Minute))
	if w.damages {
		w.damage()
	}
	var doings []func()
	for i := range 2*sourceCount + 2 {
		delays := []time.Duration{time.Millisecond, 30 * time.Millisecond, time.Second}
		p := process{slowBucket: w.slowBucket, delay: delays[w.rand.IntN(3)], loses: true}
		start := w.upTo(10 * time.Second)
		removes := i >= 2*sourceCount
		switch {
		case !removes && w.oneIn(4):
			p.delay *= 5
		case removes && w.oneIn(4):
			start *= 360
		}
		if w.oneIn(8) {
			p.dies = time.Now().Add(start + w.upTo(15*time.Second))
		}
		if w.oneIn(4) {
			p.stops = time.Now().Add(start + w.upTo(15*time.Second))
			p.goesOn = p.stops.Add(w.upTo(time.Hour))
		}
		choice := rand.New(rand.NewPCG(w.rand.Uint64(), 0))
		doings = append(doings, func() {
			time.Sleep(start)
			var err error
			if removes {
				err = w.remove(t.Context(), p, choice)
			} else {
				err = w.write(t.Context(), p, fmt.Sprint("source", i/2), choice)
			}
			if err != nil && !p.died() {
				t.Errorf("process %d: %v", i, err)
			}
		})
	}
	var wg sync.WaitGroup
	for _, do := range doings {
		wg.Go(do)
	}
	wg.Wait()
	time.Sleep(time.Minute) // who died is known to be dead
	w.wantSound(t)
}

// wantSound opens what has to be there.
func (w world) wantSound(t *testing.T) {
	t.Helper()
	s := cache.NewShared(process{slowBucket: w.slowBucket, delay: 1}, cache.MinGrace)
	if w.damages {
		if _, err := s.Verify(t.Context(), true); err != nil {
			t.Error(err)
		}
		for n := range treeCount {
			if _, err := s.Put(t.Context(), sharing(n)); err != nil {
				t.Error(err)
			}
		}
	}
	if v, err := s.Verify(t.Context(), false); err != nil || len(v.Damage) > 0 {
		t.Errorf("got %+v and error %v", v.Damage, err)
	}
	list, err := s.Trees(t.Context())
	if err != nil {
		t.Error(err)
	}
	whole := make(map[cache.Digest]bool)
	for _, tree := range list {
		_, err := s.Open(t.Context(), tree.Digest)
		whole[tree.Digest] = err == nil
	}
	want := func(source, role string, d cache.Digest) {
		if d != "" && !whole[d] {
			t.Errorf("%s of %s is lost: %s", role, source, d)
		}
	}
	for i := range sourceCount {
		source := fmt.Sprint("source", i)
		a, err := s.Active(t.Context(), source)
		h, headErr := s.Head(t.Context(), source)
		c, controlErr := s.Control(t.Context(), source)
		for _, err := range []error{err, headErr, controlErr} {
			if err != nil && !errors.Is(err, cache.ErrNotFound) {
				t.Error(err)
			}
		}
		want(source, "what is active", a.Digest)
		want(source, "the head", h.Digest)
		want(source, "the pin", c.Packages["p"].Pin)
	}
}

// write brings trees, and has records name them, and trees of before that may be gone.
func (w world) write(ctx context.Context, p process, source string, choice *rand.Rand) error {
	s := cache.NewShared(p, cache.MinGrace)
	for range 3 {
		d, err := s.Put(ctx, sharing(choice.IntN(treeCount)))
		if err != nil {
			return err
		}
		if _, err := s.Open(ctx, d); err != nil && !w.damages && p.stops.IsZero() {
			return err
		}
		allowed := []error{cache.ErrConflict}
		if !p.stops.IsZero() {
			allowed = append(allowed, cache.ErrNotFound)
		}
		switch choice.IntN(5) {
		case 0:
			err = s.SetHead(ctx, source, cache.Head{Digest: d})
		case 1:
			err = s.SetControl(ctx, source, cache.Control{Packages: map[string]cache.PackageControl{"p": {Pin: d}}})
		case 2:
			err = goBack(ctx, s, source, choice.IntN(treeCount))
			allowed = append(allowed, cache.ErrNotFound)
		case 3:
			err = follow(ctx, s, source, d)
		default:
			err = s.Activate(ctx, source, cache.Active{Digest: d})
		}
		if err != nil && !slices.ContainsFunc(allowed, func(target error) bool { return errors.Is(err, target) }) {
			return err
		}
	}
	return nil
}

// follow makes a tree active, with what was before as a version of a package, and tells that the head was tried. They may be gone.
func follow(ctx context.Context, s cache.Store, source string, d cache.Digest) error {
	a, err := s.Active(ctx, source)
	if err != nil && !errors.Is(err, cache.ErrNotFound) {
		return err
	}
	h, err := s.Head(ctx, source)
	if err != nil && !errors.Is(err, cache.ErrNotFound) {
		return err
	}
	next := cache.Active{Digest: d, Version: a.Version, Newest: h.Digest}
	if a.Digest != "" {
		next.Packages = map[string][]cache.Version{"p": {{Digest: a.Digest}}}
	}
	return s.Activate(ctx, source, next)
}

func goBack(ctx context.Context, s cache.Store, source string, n int) error {
	listing, err := cache.Listing(sharing(n))
	if err != nil {
		return err
	}
	return s.Activate(ctx, source, cache.Active{Digest: cache.DigestOf(listing)})
}

// remove collects, and is interrupted at times.
func (w world) remove(ctx context.Context, p process, choice *rand.Rand) error {
	if choice.IntN(3) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(choice.Int64N(int64(20*p.delay))))
		defer cancel()
	}
	_, err := cache.NewShared(p, cache.MinGrace).Collect(ctx, cache.Retention{Keep: 1, MaxAge: 1, MaxSize: 1}, false)
	if ctx.Err() != nil || errors.Is(err, errNoAnswer) || !p.stops.IsZero() || w.damages {
		return nil
	}
	return err
}
