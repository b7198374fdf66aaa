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

func (b *slowBucket) oneIn(n int) bool { return b.rand.IntN(n) == 0 }

// process is the way of one process to a bucket.
type process struct {
	*slowBucket
	delay time.Duration // the longest, each way
	// dies is when no request leaves it any more. From stops to goesOn it does nothing, but for what it has begun. Zero is never.
	dies, stops, goesOn time.Time
	// loses has answers get lost: then the request is repeated, or given up and carried out up to half a minute later.
	loses bool
	// then is called after each request, such as "LIST trees/", unless it is nil.
	then func(request string)
}

var (
	_ cache.Bucket = process{}

	errDied     = errors.New("the process died")
	errNoAnswer = errors.New("no answer")
)

func (p process) died() bool { return !p.dies.IsZero() && time.Now().After(p.dies) }

// do carries out a request of that name.
func (p process) do(ctx context.Context, name string, request func() error) error {
	p.mu.Lock()
	there, back, lost := p.upTo(p.delay), p.upTo(p.delay), p.loses && p.oneIn(20)
	p.mu.Unlock()
	if p.died() {
		return errDied
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	time.Sleep(there)
	p.mu.Lock()
	err := request()
	p.mu.Unlock()
	time.Sleep(back)
	if now := time.Now(); now.After(p.stops) && now.Before(p.goesOn) {
		time.Sleep(p.goesOn.Sub(now))
	}
	if p.died() {
		return errDied
	}
	if lost {
		return p.do(ctx, name, request)
	}
	if p.then != nil {
		p.then(name)
	}
	return errors.Join(err, ctx.Err())
}

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
	err = p.do(ctx, "GET "+name, func() error {
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
	return p.do(ctx, "PUT "+name, func() error {
		found, ok := p.objects[name]
		if version == cache.Absent && ok || version != "" && version != cache.Absent && (!ok || etag(found.content) != version) {
			return cache.ErrConflict
		}
		p.objects[name] = slowObject{content, time.Now()}
		return nil
	})
}

func (p process) Remove(ctx context.Context, name, version string) error {
	remove := func() error {
		if found, ok := p.objects[name]; ok && version != "" && etag(found.content) != version {
			return cache.ErrConflict
		}
		delete(p.objects, name)
		return nil
	}
	p.mu.Lock()
	late, lost := p.upTo(30*time.Second), p.loses && p.oneIn(20)
	p.mu.Unlock()
	if !lost {
		p.loses = false // there is one request, and it is carried out or not
		return p.do(ctx, "DELETE "+name, remove)
	}
	return p.do(ctx, "DELETE "+name, func() error {
		time.AfterFunc(late, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			_ = remove()
		})
		return errNoAnswer
	})
}

func (p process) List(ctx context.Context, prefix string, visit func(cache.Object) error) (now time.Time, err error) {
	var found []cache.Object
	err = p.do(ctx, "LIST "+prefix, func() error {
		now, found = time.Now().Truncate(time.Second), nil
		for _, name := range slices.Sorted(maps.Keys(p.objects)) {
			if strings.HasPrefix(name, prefix) {
				found = append(found, p.object(name))
			}
		}
		return nil
	})
	for _, o := range found {
		if err == nil {
			err = visit(o)
		}
	}
	return now, err
}

// damage changes some content.
func (b *slowBucket) damage() {
	for _, name := range slices.Sorted(maps.Keys(b.objects)) {
		if o := b.objects[name]; strings.HasPrefix(name, "blobs/") && b.oneIn(4) {
			o.content = slices.Clone(o.content)
			o.content[0] ^= 1
			b.objects[name] = o
		}
	}
}

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
	worlds := 40
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
