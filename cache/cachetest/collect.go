package cachetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scriptd/scriptd/cache"
)

func collectCases() []testCase {
	return []testCase{
		{"finds nothing in an empty store", collectEmpty},
		{"keeps what is active", collectActive},
		{"keeps what was tried last", collectNewest},
		{"keeps the history of packages", collectHistory},
		{"keeps what is pinned", collectPinned},
		{"keeps the newest trees of each source", collectCount},
		{"counts a tree that came back once", collectAgain},
		{"keeps a tree as long as one source does", collectShared},
		{"removes what was replaced long ago", collectAge},
		{"removes what was replaced first until the rest fits", collectSize},
		{"keeps what is in use, whatever its size", collectSizeInUse},
		{"keeps what was put and is not active yet", collectHeld},
		{"removes what was put and forgotten", collectForgotten},
		{"tells the same with dryRun, and removes nothing", collectDryRun},
		{"removes what can be put again", collectPutAgain},
		{"leaves the contents that other trees have", collectContents},
		{"does nothing after the end of its context", collectCancelled},
		{"loses nothing of what others do meanwhile", collectMeanwhile},
	}
}

// keeper returns the store, or skips the test.
func (t suite) keeper() cache.Keeper {
	t.Helper()
	k, ok := t.store.(cache.Keeper)
	if !ok {
		t.Skip("the store is not a cache.Keeper")
	}
	return k
}

// collect removes what is old.
func (t suite) collect(r cache.Retention) cache.Collection {
	t.Helper()
	t.later()
	return t.collectNow(r)
}

func (t suite) collectNow(r cache.Retention) cache.Collection {
	t.Helper()
	c, err := t.keeper().Collect(t.Context(), r, false)
	if err != nil {
		t.Fatalf("Collect: %v", err)
	}
	return c
}

// numbered returns trees that share a file.
func numbered(n int) fstest.MapFS {
	return fstest.MapFS{"shared": file("shared by all"), "own": file(fmt.Sprintf("%04d", n))}
}

// past puts and activates trees one after the other, and returns their digests.
func (t suite) past(source string, n int) []cache.Digest {
	t.Helper()
	var list []cache.Digest
	for i := range n {
		d := t.put(numbered(i))
		t.activate(source, cache.Active{Revision: fmt.Sprint(i), Digest: d})
		list = append(list, d)
	}
	return list
}

// wantKept ends the test unless the store has the trees of past at these places, and no others of them.
func (t suite) wantKept(trees []cache.Digest, kept ...int) {
	t.Helper()
	for i, d := range trees {
		if slices.Contains(kept, i) {
			t.wantTree(d, numbered(i))
			continue
		}
		_, err := t.store.Open(t.Context(), d)
		t.wantErr(err, cache.ErrNotFound)
	}
}

// wantRemoved ends the test unless these trees were removed for these reasons.
func (t suite) wantRemoved(got, want map[cache.Digest]string) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Fatalf("Collect: removed -, want +:\n%s", diff)
	}
}

func reasons(c cache.Collection) map[cache.Digest]string {
	list := map[cache.Digest]string{}
	for _, r := range c.Trees {
		list[r.Digest] = r.Reason
	}
	return list
}

func collectEmpty(t suite) {
	if c := t.collect(cache.Retention{Keep: 1}); len(c.Trees) != 0 || c.Blobs != 0 || c.Bytes != 0 || c.KeptTrees != 0 {
		t.Errorf("got %+v", c)
	}
}

func collectActive(t suite) {
	trees := t.past("team", 3)
	c := t.collect(cache.Retention{Keep: 1})
	t.wantRemoved(reasons(c), map[cache.Digest]string{trees[0]: "count", trees[1]: "count"})
	if c.KeptTrees != 1 || c.Blobs != 2 || c.Bytes <= 8 || c.KeptBytes <= 17 {
		t.Errorf("got %+v, want a tree that is left and two contents that are not", c)
	}
	t.wantKept(trees, 2)
	t.wantActive("team", cache.Active{Revision: "2", Digest: trees[2]})
}

func collectNewest(t suite) {
	trees := t.past("team", 2)
	newest := t.put(numbered(2))
	t.activate("team", cache.Active{Revision: "1", Digest: trees[1], Newest: newest})
	t.collect(cache.Retention{Keep: 1})
	t.wantKept(append(trees, newest), 1, 2)
}

func collectHistory(t suite) {
	trees := t.past("team", 4)
	t.activate("team", cache.Active{Revision: "3", Digest: trees[3], Packages: map[string][]cache.Version{
		"a": {{Digest: trees[3], State: cache.Live}, {Digest: trees[0], State: cache.Retired}},
		"b": {{Digest: trees[1], State: cache.Failed}},
	}})
	t.wantRemoved(reasons(t.collect(cache.Retention{Keep: 1, MaxAge: 1, MaxSize: 1})), map[cache.Digest]string{trees[2]: "count"})
	t.wantKept(trees, 0, 1, 3)
}

func collectPinned(t suite) {
	trees := t.past("team", 3)
	t.setControl("team", cache.Control{Packages: map[string]cache.PackageControl{"a": {Pin: trees[0]}}})
	t.collect(cache.Retention{Keep: 1})
	t.wantKept(trees, 0, 2)
	t.setControl("team", cache.Control{})
	t.collect(cache.Retention{Keep: 1})
	t.wantKept(trees, 2)
}

func collectCount(t suite) {
	trees := t.past("team", 5)
	t.collect(cache.Retention{Keep: 5})
	t.wantKept(trees, 0, 1, 2, 3, 4)
	t.collect(cache.Retention{Keep: 3})
	t.wantKept(trees, 2, 3, 4)
	t.collect(cache.Retention{})
	t.wantKept(trees, 2, 3, 4)
}

func collectAgain(t suite) {
	trees := t.past("team", 3)
	t.activate("team", cache.Active{Revision: "0", Digest: trees[0]})
	t.collect(cache.Retention{Keep: 2})
	t.wantKept(trees, 0, 2)
	t.activate("team", cache.Active{Revision: "2", Digest: trees[2]})
	t.collect(cache.Retention{Keep: 1})
	t.wantKept(trees, 2)
}

func collectShared(t suite) {
	trees := t.past("team", 3)
	t.past("other", 1)
	t.collect(cache.Retention{Keep: 1})
	t.wantKept(trees, 0, 2)
}

func collectAge(t suite) {
	trees := t.past("team", 3)
	t.collect(cache.Retention{MaxAge: time.Hour})
	t.wantKept(trees, 0, 1, 2)
	removed := map[cache.Digest]string{}
	for range 50 { // the clock of a store may tick by the second
		for _, r := range t.collect(cache.Retention{MaxAge: 1}).Trees {
			removed[r.Digest] = r.Reason
		}
		if len(removed) == 2 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.wantRemoved(removed, map[cache.Digest]string{trees[0]: "age", trees[1]: "age"})
	t.wantKept(trees, 2)
}

func collectSize(t suite) {
	trees := t.past("team", 4)
	all := t.collect(cache.Retention{})
	t.collect(cache.Retention{MaxSize: all.KeptBytes})
	t.wantKept(trees, 0, 1, 2, 3)
	c := t.collect(cache.Retention{MaxSize: all.KeptBytes - 1})
	t.wantRemoved(reasons(c), map[cache.Digest]string{trees[0]: "size"})
	if c.KeptBytes+c.Bytes != all.KeptBytes {
		t.Errorf("got %+v, want the %d bytes of before", c, all.KeptBytes)
	}
	t.wantKept(trees, 1, 2, 3)
}

func collectSizeInUse(t suite) {
	trees := t.past("team", 2)
	c := t.collect(cache.Retention{MaxSize: 1})
	if c.KeptTrees != 1 || c.KeptBytes <= 1 {
		t.Errorf("got %+v", c)
	}
	t.wantKept(trees, 1)
}

func collectHeld(t suite) {
	trees := t.past("team", 1)
	trees = append(trees, t.put(numbered(1)))
	t.collectNow(cache.Retention{Keep: 1, MaxAge: 1, MaxSize: 1})
	t.wantKept(trees, 0, 1)
	t.activate("team", cache.Active{Revision: "1", Digest: trees[1]})
	t.activate("team", cache.Active{Revision: "0", Digest: trees[0]})
	t.collect(cache.Retention{Keep: 1})
	t.wantKept(trees, 0)
}

func collectForgotten(t suite) {
	const many = 70
	var trees []cache.Digest
	for i := range many {
		trees = append(trees, t.put(numbered(i)))
	}
	t.later()
	last := t.put(numbered(many))
	c := t.collectNow(cache.Retention{})
	if len(c.Trees) == 0 || c.Trees[0].Reason != "unused" {
		t.Fatalf("got %d of %d trees removed, want the oldest", len(c.Trees), many)
	}
	_, err := t.store.Open(t.Context(), trees[0])
	t.wantErr(err, cache.ErrNotFound)
	t.wantTree(last, numbered(many))
}

func collectDryRun(t suite) {
	trees := t.past("team", 4)
	t.later()
	dry, err := t.keeper().Collect(t.Context(), cache.Retention{Keep: 2}, true)
	if err != nil {
		t.Fatalf("Collect: %v", err)
	}
	t.wantKept(trees, 0, 1, 2, 3)
	wet := t.collect(cache.Retention{Keep: 2})
	if !dry.DryRun || wet.DryRun {
		t.Errorf("got dry run %v and %v", dry.DryRun, wet.DryRun)
	}
	if diff := cmp.Diff(dry, wet, cmpopts.IgnoreFields(cache.Collection{}, "DryRun")); diff != "" {
		t.Errorf("told -, did +:\n%s", diff)
	}
}

func collectPutAgain(t suite) {
	trees := t.past("team", 2)
	t.collect(cache.Retention{Keep: 1})
	t.wantErr(t.store.Activate(t.Context(), "team", cache.Active{Digest: trees[0]}), cache.ErrNotFound)
	t.past("team", 2)
	t.wantKept(trees, 0, 1)
}

func collectContents(t suite) {
	trees := t.past("team", 2)
	other := t.put(sample())
	t.activate("other", cache.Active{Digest: other})
	t.collect(cache.Retention{Keep: 1})
	t.wantKept(trees, 1)
	t.wantTree(other, sample())
}

func collectCancelled(t suite) {
	trees := t.past("team", 2)
	k := t.keeper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := k.Collect(ctx, cache.Retention{Keep: 1}, false)
	t.wantErr(err, context.Canceled)
	t.wantKept(trees, 0, 1)
}

func collectMeanwhile(t suite) {
	k := t.keeper()
	together(func(i int) {
		source := fmt.Sprint("source", i%4)
		for n := range 6 {
			if i < 2 {
				if _, err := k.Collect(t.Context(), cache.Retention{Keep: 1, MaxSize: 1}, false); err != nil {
					t.Errorf("Collect: %v", err)
				}
				continue
			}
			tree := numbered(n % 3)
			d, err := k.Put(t.Context(), tree)
			if err != nil {
				t.Errorf("Put: %v", err)
				return
			}
			if err := k.Activate(t.Context(), source, cache.Active{Digest: d}); err != nil {
				t.Errorf("Activate: %v", err)
				return
			}
			// Another goroutine may have activated another tree of this source since.
			a, err := k.Active(t.Context(), source)
			if err != nil {
				t.Errorf("Active: %v", err)
				return
			}
			if _, err := k.Open(t.Context(), a.Digest); err != nil && !errors.Is(err, cache.ErrNotFound) {
				t.Errorf("Open: got error %v: a tree is there, or it is not", err)
			}
		}
	})
	for i := range 4 {
		a, err := k.Active(t.Context(), fmt.Sprint("source", i))
		if err != nil {
			t.Fatalf("Active: %v", err)
		}
		if _, err := k.Open(t.Context(), a.Digest); err != nil {
			t.Errorf("Open of what is active: %v", err)
		}
	}
}
