package guard

import (
	"runtime"
	"sync"
	"weak"
)

// beside keeps something for values of the plugin's, as long as these live. It is safe for concurrent use.
type beside[K, V any] struct {
	// gone is given what was kept for a value that lives no more. It may be nil.
	gone func(V)

	mu   sync.Mutex
	kept map[weak.Pointer[K]]V
}

// of returns what is kept for a value.
func (b *beside[K, V]) of(value *K) (V, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	v, ok := b.kept[weak.Make(value)]
	return v, ok
}

// put keeps something for a value, in the place of what was kept.
func (b *beside[K, V]) put(value *K, v V) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := weak.Make(value)
	if b.kept == nil {
		b.kept = make(map[weak.Pointer[K]]V)
	}
	if _, known := b.kept[key]; !known {
		runtime.AddCleanup(value, b.drop, key)
	}
	b.kept[key] = v
}

// remove forgets what is kept for a value.
func (b *beside[K, V]) remove(value *K) { b.drop(weak.Make(value)) }

func (b *beside[K, V]) drop(key weak.Pointer[K]) {
	b.mu.Lock()
	v, ok := b.kept[key]
	delete(b.kept, key)
	b.mu.Unlock()
	if ok && b.gone != nil {
		b.gone(v)
	}
}

// all returns everything that is kept.
func (b *beside[K, V]) all() []V {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []V
	for _, v := range b.kept {
		all = append(all, v)
	}
	return all
}
