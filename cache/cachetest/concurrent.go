package cachetest

import (
	"fmt"
	"sync"
	"testing/fstest"

	"github.com/scriptd/scriptd/cache"
)

func concurrentCases() []testCase {
	return []testCase{
		{"Put of one tree", concurrentSame},
		{"Put and Open of trees that share files", concurrentShared},
		{"Activate and Active", concurrentActive},
		{"reading of one opened tree", concurrentRead},
	}
}

const goroutines = 8

// together runs f in several goroutines and waits for them.
func together(f func(i int)) {
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

func concurrentSame(t suite) {
	want := t.digest(sample())
	together(func(int) {
		d, err := t.store.Put(t.Context(), sample())
		if err != nil || d != want {
			t.Errorf("Put: got %s and error %v, want %s", d, err, want)
			return
		}
		opened, err := t.store.Open(t.Context(), d)
		if err != nil {
			t.Errorf("Open: %v", err)
			return
		}
		Same(t.T, opened, sample())
	})
	t.wantTree(want, sample())
}

func concurrentShared(t suite) {
	together(func(i int) {
		for j := range 3 {
			tree := sample()
			tree["own"] = file(fmt.Sprint(i, j))
			d, err := t.store.Put(t.Context(), tree)
			if err != nil {
				t.Errorf("Put: %v", err)
				return
			}
			opened, err := t.store.Open(t.Context(), d)
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			Same(t.T, opened, tree)
		}
	})
}

func concurrentActive(t suite) {
	// Each record is consistent in itself: revision and digest belong together.
	digests := map[string]cache.Digest{}
	for i := range goroutines {
		digests[fmt.Sprint(i)] = t.put(fstest.MapFS{"n": file(fmt.Sprint(i))})
	}
	t.activate("team", cache.Active{Revision: "0", Digest: digests["0"]})
	together(func(i int) {
		for range 10 {
			rev := fmt.Sprint(i)
			if err := t.store.Activate(t.Context(), "team", cache.Active{Revision: rev, Digest: digests[rev]}); err != nil {
				t.Errorf("Activate: %v", err)
			}
			a, err := t.store.Active(t.Context(), "team")
			if err != nil {
				t.Errorf("Active: %v", err)
			} else if a.Digest == "" || a.Digest != digests[a.Revision] {
				t.Errorf("got a mix: %+v", a)
			}
		}
	})
}

func concurrentRead(t suite) {
	opened := t.wantTree(t.put(sample()), sample())
	together(func(int) { Same(t.T, opened, sample()) })
}
