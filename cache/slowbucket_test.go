package cache_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
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
