package engine

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/cache"
)

// history returns versions of a package, in words: "3L 2R 1F" has the third tree live, the second retired and the first failed;
// Q is quarantined.
func history(words string) []cache.Version {
	states := map[byte]cache.State{'L': cache.Live, 'R': cache.Retired, 'F': cache.Failed, 'Q': cache.Quarantined}
	var versions []cache.Version
	for w := range strings.FieldsSeq(words) {
		n, state := w[:len(w)-1], states[w[len(w)-1]]
		versions = append(versions, cache.Version{Digest: cache.Digest(n), Revision: "r" + n, State: state})
	}
	return versions
}

func inWords(versions []cache.Version) string {
	var words []string
	for _, v := range versions {
		words = append(words, fmt.Sprintf("%s%c", v.Digest, strings.ToUpper(string(v.State))[0]))
	}
	return strings.Join(words, " ")
}

// recorded returns a record whose tree is the n-th that the origin had.
func recorded(n int, packages string) cache.Active {
	a := cache.Active{Origin: "o", Revision: fmt.Sprint("r", n), Digest: cache.Digest(fmt.Sprint(n)), FetchedAt: time.Unix(int64(n), 0)}
	if packages != "" {
		a.Packages = map[string][]cache.Version{"p": history(packages)}
	}
	return a
}

func TestMerge(t *testing.T) {
	for _, tt := range []struct {
		name               string
		base, mine, theirs cache.Active
		tree, want         string
	}{
		{"nobody else has written", recorded(1, "1L"), recorded(2, "2L 1R"), recorded(1, "1L"), "2", "2L 1R"},
		{"nobody else has written, of a package that is gone", recorded(1, "1L"), recorded(2, "1R"), recorded(1, "1L"), "2", "1R"},
		{"another has it already", recorded(1, "1L"), recorded(2, "2L 1R"), recorded(2, "2L 1R"), "2", "2L 1R"},
		{"another went on to a later tree", recorded(1, "1L"), recorded(2, "2L 1R"), recorded(3, "3L 1R"), "3", "3L 2R 1R"},
		{"another is behind", recorded(2, "2L 1R"), recorded(3, "3L 2R 1R"), recorded(1, "1L"), "3", "3L 1R"},
		{"it failed elsewhere", recorded(1, "1L"), recorded(2, "2L 1R"), recorded(1, "2F 1L"), "2", "2L 1R"},
		{"it failed here", recorded(1, "1L"), recorded(1, "2F 1L"), recorded(2, "2L 1R"), "2", "2L 1R"},
		{"other trees failed", recorded(1, "1L"), recorded(1, "3F 1L"), recorded(1, "2F 1L"), "1", "3F 2F 1L"},
		{"it is in quarantine here", recorded(2, "2L 1R"), recorded(2, "1L 2Q"), recorded(2, "2L 1R 0F"), "2", "1L 2Q 0F"},
		{"it is in quarantine elsewhere", recorded(2, "2L 1R"), recorded(3, "3L 2R 1R"), recorded(2, "1L 2Q"), "3", "3L 1R 2Q"},
		{"it is rolled back here", recorded(2, "2L 1R"), recorded(2, "1L 2R"), recorded(2, "2L 1R 0R"), "2", "1L 2R 0R"},
		{"a later tree has the same", recorded(1, "1L"), recorded(2, "2L"), recorded(1, "1L 0F"), "2", "2L 0F"},
		{"it is live here, and another has dropped it", recorded(2, "2L"), recorded(2, "2L 1F"), recorded(3, "3L"), "3", "3L 1F 2R"},
		{"another origin", cache.Active{Origin: "x", Digest: "9"}, recorded(1, "1L"), cache.Active{Origin: "x", Digest: "9"}, "1", "1L"},
		{"nothing is known of what was", cache.Active{}, recorded(2, "2L"), recorded(1, "1L 0R"), "2", "2L 1R 0R"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.theirs.Version = "read"
			got := merge(tt.base, tt.mine, tt.theirs)
			if words := inWords(got.Packages["p"]); string(got.Digest) != tt.tree || words != tt.want {
				t.Errorf("got tree %s with %s, want tree %s with %s", got.Digest, words, tt.tree, tt.want)
			}
			if got.Version != "read" {
				t.Errorf("got version %q", got.Version)
			}
			if again := merge(tt.base, tt.mine, got); tt.theirs.Origin == "o" && !reflect.DeepEqual(again, got) {
				t.Errorf("got tree %s with %s the second time", again.Digest, inWords(again.Packages["p"]))
			}
		})
	}
}

// TestMergeOfMany has engines follow an origin, each at its pace and with failures of its own, and record what they see in any
// order. None has to write twice, and what serves anywhere is known.
func TestMergeOfMany(t *testing.T) {
	type server struct{ base, mine cache.Active }
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 0))
		servers := make([]server, 4)
		var record cache.Active
		newest := 1
		for range 200 {
			if random.IntN(4) == 0 {
				newest++
			}
			s := &servers[random.IntN(len(servers))]
			s.mine = steps(random, s.mine, newest)
			if random.IntN(3) == 0 {
				continue // its cache is out of reach
			}
			next := s.mine
			if record.Digest != "" {
				next = merge(s.base, s.mine, record)
			}
			if again := merge(s.mine, s.mine, next); !equal(again, next) {
				t.Fatalf("seed %d: got %s, and then %s, though nothing has changed", seed, inWords(next.Packages["p"]), inWords(again.Packages["p"]))
			}
			if record = next; record.FetchedAt.Before(s.base.FetchedAt) {
				t.Fatalf("seed %d: the record went back to %s", seed, record.Digest)
			}
			s.base = s.mine
			checkHistory(t, seed, record.Packages["p"])
		}
		for i := range servers {
			s := &servers[i]
			if s.mine.Digest == "" {
				continue
			}
			record = merge(s.base, s.mine, record)
			s.base = s.mine
			live := liveAt(s.mine.Packages["p"])
			if live < 0 {
				continue
			}
			if d := s.mine.Packages["p"][live].Digest; len(record.Packages["p"]) < keptVersions && find(record.Packages["p"], d) < 0 {
				t.Fatalf("seed %d: %s serves, and is not in %s", seed, d, inWords(record.Packages["p"]))
			}
		}
		settled := record
		for _, s := range servers {
			if s.mine.Digest == "" {
				continue
			}
			if got := merge(s.base, s.mine, record); !equal(got, settled) {
				t.Fatalf("seed %d: got %s of %s, though nothing has changed", seed, inWords(got.Packages["p"]), inWords(settled.Packages["p"]))
			}
		}
	}
}

// steps has an engine go on: to the newest tree, where its package loads or not, or into quarantine, or back.
func steps(random *rand.Rand, a cache.Active, newest int) cache.Active {
	versions := a.Packages["p"]
	p := &loadedPackage{path: "p", revision: fmt.Sprint("r", newest), digest: cache.Digest(fmt.Sprint(newest)), gen: &generation{}}
	switch live := liveAt(versions); {
	case a.Digest == p.digest && live >= 0 && random.IntN(3) == 0:
		p.gen, p.quarantined, p.digest = nil, true, versions[live].Digest
	case a.Digest == p.digest && len(versions) > 1 && random.IntN(3) == 0:
		p.digest = versions[1].Digest
	case random.IntN(3) == 0:
		p.gen = nil
	}
	next := recorded(newest, "")
	next.Packages = map[string][]cache.Version{"p": advance(versions, p, time.Unix(int64(newest), 0))}
	return next
}

func checkHistory(t *testing.T, seed uint64, versions []cache.Version) {
	t.Helper()
	live := 0
	for i, v := range versions {
		if v.State == cache.Live {
			live++
		}
		if slices.ContainsFunc(versions[i+1:], func(w cache.Version) bool { return w.Digest == v.Digest }) {
			t.Fatalf("seed %d: %s is there twice: %s", seed, v.Digest, inWords(versions))
		}
	}
	if live > 1 || len(versions) > keptVersions+keptFailures+1 {
		t.Fatalf("seed %d: got %s", seed, inWords(versions))
	}
}
