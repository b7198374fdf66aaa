package cachetest

import (
	"errors"
	"strconv"
	"sync/atomic"

	"github.com/scriptd/scriptd/cache"
)

func versionCases() []testCase {
	var cases []testCase
	for _, k := range recordKinds() {
		for _, c := range []struct {
			name string
			run  func(suite, recordKind)
		}{
			{"is replaced only as it was read", versionReplaces},
			{"is written only where there is none", versionAbsent},
			{"is replaced without a version", versionAny},
			{"has the versions of its source", versionApart},
			{"has one winner of many", versionOneWinner},
			{"loses none of the steps of many writers", versionHammer},
		} {
			cases = append(cases, testCase{k.name + " " + c.name, func(t suite) { c.run(t, k) }})
		}
	}
	return cases
}

// recordKind is a kind of record that has versions. Each value is a number, as a decimal.
type recordKind struct {
	name string
	set  func(t suite, source, value, version string) error
	get  func(t suite, source string) (value, version string, err error)
}

func recordKinds() []recordKind {
	return []recordKind{
		{
			"Active",
			func(t suite, source, value, version string) error {
				return t.store.Activate(t.Context(), source, cache.Active{Revision: value, Digest: t.digest(sample()), Version: version})
			},
			func(t suite, source string) (string, string, error) {
				a, err := t.store.Active(t.Context(), source)
				return a.Revision, a.Version, err
			},
		},
		{
			"Head",
			func(t suite, source, value, version string) error {
				return t.store.SetHead(t.Context(), source, cache.Head{Revision: value, Digest: t.digest(sample()), Version: version})
			},
			func(t suite, source string) (string, string, error) {
				h, err := t.store.Head(t.Context(), source)
				return h.Revision, h.Version, err
			},
		},
		{
			"Control",
			func(t suite, source, value, version string) error {
				packages := map[string]cache.PackageControl{"a": {Revision: value}}
				return t.store.SetControl(t.Context(), source, cache.Control{Packages: packages, Version: version})
			},
			func(t suite, source string) (string, string, error) {
				c, err := t.store.Control(t.Context(), source)
				return c.Packages["a"].Revision, c.Version, err
			},
		},
	}
}

// must is set that ends the test where it fails.
func (k recordKind) must(t suite, source, value, version string) {
	t.Helper()
	if err := k.set(t, source, value, version); err != nil {
		t.Fatalf("set %s to %s: %v", source, value, err)
	}
}

// want ends the test unless the record has that value, and returns its version.
func (k recordKind) want(t suite, source, value string) (version string) {
	t.Helper()
	got, version, err := k.get(t, source)
	if err != nil || got != value || version == "" || version == cache.Absent {
		t.Fatalf("got value %q, version %q and error %v, want value %q", got, version, err, value)
	}
	return version
}

func versionReplaces(t suite, k recordKind) {
	t.put(sample())
	k.must(t, "team", "1", "")
	first := k.want(t, "team", "1")
	k.must(t, "team", "2", first)
	second := k.want(t, "team", "2")
	if second == first {
		t.Fatalf("both have version %q", first)
	}
	t.wantErr(k.set(t, "team", "3", first), cache.ErrConflict)
	t.wantErr(k.set(t, "team", "2", first), cache.ErrConflict)
	t.wantErr(k.set(t, "team", "3", "another"), cache.ErrConflict)
	if again := k.want(t, "team", "2"); again != second {
		t.Fatalf("got version %q after conflicts, want %q", again, second)
	}
	k.must(t, "team", "3", second)
	k.want(t, "team", "3")
}

func versionAbsent(t suite, k recordKind) {
	t.put(sample())
	for _, version := range []string{"another", "0"} {
		t.wantErr(k.set(t, "team", "1", version), cache.ErrConflict)
	}
	if _, version, err := k.get(t, "team"); err == nil && version != cache.Absent {
		t.Fatalf("got version %q of none", version)
	}
	k.must(t, "team", "1", cache.Absent)
	t.wantErr(k.set(t, "team", "2", cache.Absent), cache.ErrConflict)
	k.want(t, "team", "1")
}

func versionAny(t suite, k recordKind) {
	t.put(sample())
	k.must(t, "team", "1", "")
	read := k.want(t, "team", "1")
	k.must(t, "team", "2", "")
	t.wantErr(k.set(t, "team", "3", read), cache.ErrConflict)
	k.want(t, "team", "2")
}

func versionApart(t suite, k recordKind) {
	t.put(sample())
	k.must(t, "team", "1", "")
	k.must(t, "other", "2", cache.Absent)
	version := k.want(t, "team", "1")
	k.must(t, "other", "3", "")
	k.must(t, "team", "4", version)
	k.want(t, "other", "3")
}

func versionOneWinner(t suite, k recordKind) {
	t.put(sample())
	version := cache.Absent
	for round := range 5 {
		var winners atomic.Int64
		var winner atomic.Value
		together(func(i int) {
			value := strconv.Itoa(round*goroutines + i)
			switch err := k.set(t, "team", value, version); {
			case err == nil:
				winners.Add(1)
				winner.Store(value)
			case !errors.Is(err, cache.ErrConflict):
				t.Errorf("set: %v", err)
			}
		})
		if n := winners.Load(); n != 1 {
			t.Fatalf("round %d: %d of %d succeeded, want one", round, n, goroutines)
		}
		value, _ := winner.Load().(string)
		version = k.want(t, "team", value)
	}
}

// versionHammer has writers count: each reads, adds one and writes until it succeeds.
func versionHammer(t suite, k recordKind) {
	const steps = 5
	t.put(sample())
	k.must(t, "team", "0", cache.Absent)
	together(func(int) {
		for range steps {
			for {
				value, version, err := k.get(t, "team")
				if err != nil {
					t.Errorf("get: %v", err)
					return
				}
				n, _ := strconv.Atoi(value)
				if err = k.set(t, "team", strconv.Itoa(n+1), version); err == nil {
					break
				}
				if !errors.Is(err, cache.ErrConflict) {
					t.Errorf("set: %v", err)
					return
				}
			}
		}
	})
	k.want(t, "team", strconv.Itoa(goroutines*steps))
}
