package cache_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/scriptd/scriptd/cache"
)

// slowBucket is a bucket in memory. Requests take a while to get there, and their answers to come back.
type slowBucket struct {
	mu      sync.Mutex
	rand    *rand.Rand
	objects map[string]slowObject
}

type slowObject struct {
	content []byte
	at      time.Time
}

func (b *slowBucket) upTo(d time.Duration) time.Duration {
	return time.Duration(b.rand.Int64N(int64(d)))
}

// process is the way of one process to a bucket.
type process struct {
	*slowBucket
	delay time.Duration // the longest, each way
	dies  time.Time     // when no request leaves it any more; zero is never
}

var (
	_ cache.Bucket = process{}

	errDied = errors.New("the process died")
)

// do carries out a request.
func (p process) do(ctx context.Context, request func() error) error {
	p.mu.Lock()
	there, back, repeats := p.upTo(p.delay), p.upTo(p.delay), p.rand.IntN(20) == 0
	p.mu.Unlock()
	if p.died() {
		return errDied
	}
	time.Sleep(there)
	p.mu.Lock()
	err := request()
	p.mu.Unlock()
	time.Sleep(back)
	if p.died() {
		return errDied
	}
	if repeats {
		return p.do(ctx, request) // the answer was lost
	}
	return errors.Join(err, ctx.Err())
}

func (p process) died() bool { return !p.dies.IsZero() && time.Now().After(p.dies) }

func (p process) String() string { return "bucket" }

// object tells of an object, by a clock that counts seconds.
func (p process) object(name string) cache.Object {
	o := p.objects[name]
	at := o.at.Truncate(time.Second)
	return cache.Object{
		Name: name, Version: etag(o.content), Size: int64(len(o.content)), Modified: at,
		Age: time.Now().Truncate(time.Second).Sub(at),
	}
}

func etag(content []byte) string { return fmt.Sprintf("%.20x", sha256.Sum256(content)) }

func (p process) Get(ctx context.Context, name string, limit int64) (content []byte, o cache.Object, err error) {
	err = p.do(ctx, func() error {
		found, ok := p.objects[name]
		if !ok {
			return fs.ErrNotExist
		}
		if o = p.object(name); o.Size <= limit {
			content = found.content
		}
		return nil
	})
	return content, o, err
}

func (p process) Put(ctx context.Context, name string, content []byte, version string) error {
	return p.do(ctx, func() error {
		found, ok := p.objects[name]
		if version == cache.Absent && ok || version != "" && version != cache.Absent && (!ok || etag(found.content) != version) {
			return cache.ErrConflict
		}
		p.objects[name] = slowObject{content, time.Now()}
		return nil
	})
}

func (p process) Remove(ctx context.Context, name, version string) error {
	return p.do(ctx, func() error {
		if found, ok := p.objects[name]; ok && version != "" && etag(found.content) != version {
			return cache.ErrConflict
		}
		delete(p.objects, name)
		return nil
	})
}

func (p process) List(ctx context.Context, prefix string, visit func(cache.Object) error) (now time.Time, err error) {
	var found []cache.Object
	err = p.do(ctx, func() error {
		now, found = time.Now().Truncate(time.Second), nil
		for _, name := range slices.Sorted(maps.Keys(p.objects)) {
			if strings.HasPrefix(name, prefix) {
				found = append(found, p.object(name))
			}
		}
		return nil
	})
	for _, o := range found {
		err = errors.Join(err, visit(o))
		if err != nil {
			break
		}
	}
	return now, err
}

// sharing returns trees that share a file.
func sharing(n int) fstest.MapFS {
	return fstest.MapFS{"shared": {Data: []byte("by all")}, "pair": {Data: fmt.Append(nil, "pair", n/2)}, "own": {Data: fmt.Append(nil, n)}}
}

// sharedWorlds is the variable that makes TestSharedInterleaved take longer.
const sharedWorlds = "CACHE_SHARED_WORLDS"

// TestSharedInterleaved has processes write, go back, remove and die in many orders, in a time that passes at once. Nothing is lost.
func TestSharedInterleaved(t *testing.T) {
	worlds := 25
	if testing.Short() {
		worlds = 5
	}
	if more := os.Getenv(sharedWorlds); more != "" {
		var err error
		if worlds, err = strconv.Atoi(more); err != nil {
			t.Fatal(err)
		}
	}
	for seed := range worlds {
		synctest.Test(t, func(t *testing.T) {
			w := world{slowBucket: &slowBucket{rand: rand.New(rand.NewPCG(uint64(seed), 1)), objects: make(map[string]slowObject)}}
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
type world struct{ *slowBucket }

const (
	writers = 4 // of 6; the others remove
	trees   = 5
)

// round has six processes act within ten seconds, and looks at what they leave.
func (w world) round(t *testing.T) {
	t.Helper()
	time.Sleep([]time.Duration{0, 20 * time.Minute, 40 * time.Minute, 2 * time.Hour}[w.rand.IntN(4)])
	var doings []func()
	for i := range 6 {
		p := process{slowBucket: w.slowBucket, delay: time.Duration(1+w.rand.IntN(2000)) * time.Millisecond}
		if w.rand.IntN(8) == 0 {
			p.dies = time.Now().Add(w.upTo(10 * time.Second))
		}
		start, choice := w.upTo(10*time.Second), rand.New(rand.NewPCG(w.rand.Uint64(), 0))
		do := w.write
		if i >= writers {
			do = w.collect
		}
		doings = append(doings, func() {
			time.Sleep(start)
			if err := do(t.Context(), p, fmt.Sprint("source", i), choice); err != nil && !p.died() {
				t.Error(err)
			}
		})
	}
	var wg sync.WaitGroup
	for _, do := range doings {
		wg.Go(do)
	}
	wg.Wait()
	time.Sleep(time.Minute) // who died is known to be dead
	s := cache.NewShared(process{slowBucket: w.slowBucket, delay: 1}, cache.MinGrace)
	if v, err := s.Verify(t.Context(), false); err != nil || len(v.Damage) > 0 {
		t.Errorf("got %+v and error %v", v.Damage, err)
	}
	for i := range writers {
		a, err := s.Active(t.Context(), fmt.Sprint("source", i))
		if err == nil {
			_, err = s.Open(t.Context(), a.Digest)
		}
		if never := a.Digest == "" && errors.Is(err, cache.ErrNotFound); err != nil && !never {
			t.Errorf("source%d: %v", i, err)
		}
	}
}

// write brings trees, and goes back to one that may be gone.
func (w world) write(ctx context.Context, p process, source string, choice *rand.Rand) error {
	s := cache.NewShared(p, cache.MinGrace)
	for range 2 {
		d, err := s.Put(ctx, sharing(choice.IntN(trees)))
		if err != nil {
			return err
		}
		if _, err := s.Open(ctx, d); err != nil {
			return err
		}
		if err := s.Activate(ctx, source, cache.Active{Digest: d}); err != nil {
			return err
		}
	}
	listing, err := cache.Listing(sharing(choice.IntN(trees)))
	if err != nil {
		return err
	}
	d := cache.DigestOf(listing)
	switch err := s.Activate(ctx, source, cache.Active{Digest: d}); {
	case errors.Is(err, cache.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	_, err = s.Open(ctx, d)
	return err
}

func (w world) collect(ctx context.Context, p process, _ string, _ *rand.Rand) error {
	_, err := cache.NewShared(p, cache.MinGrace).Collect(ctx, cache.Retention{Keep: 1, MaxAge: 1, MaxSize: 1}, false)
	return err
}
