package cache_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/scriptd/scriptd/cache"
)

const (
	// childTime is how long crowding goes on, and childNumber tells its processes apart.
	childTime   = "CACHE_TEST_TIME"
	childNumber = "CACHE_TEST_NUMBER"
	// crowdTime is the variable that makes TestCrowd take longer.
	crowdTime = "CACHE_CROWD_TIME"
	crowd     = 8
)

// crowding brings revisions of a source of its own and of one that all have, collects, and reads what others brought. Whatever it
// finds has to be whole.
func crowding(ctx context.Context, dir string) error {
	long, err := time.ParseDuration(os.Getenv(childTime))
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(os.Getenv(childNumber))
	if err != nil {
		return err
	}
	s, err := cache.Disk(dir)
	if err != nil {
		return err
	}
	own := fmt.Sprint("own", number)
	// Each process has a clock that is a day behind that of the next.
	now := func() time.Time { return time.Now().AddDate(0, 0, number) }
	rounds := 0
	for end := time.Now().Add(long); time.Now().Before(end); rounds++ {
		for _, source := range []string{own, "all"} {
			d, err := s.Put(ctx, version(rand.N(40)))
			if err != nil {
				return err
			}
			if err := s.Activate(ctx, source, cache.Active{Revision: fmt.Sprint(rounds), Digest: d, FetchedAt: now()}); err != nil {
				return err
			}
		}
		a, err := s.Active(ctx, own)
		if err != nil || a.Revision != fmt.Sprint(rounds) {
			return fmt.Errorf("own source: got %+v, %w", a, err)
		}
		if _, err := s.Open(ctx, a.Digest); err != nil {
			return err
		}
		if err := openOther(ctx, s, fmt.Sprint("own", rand.N(crowd))); err != nil {
			return err
		}
		if rounds%4 == number%4 {
			if _, err := s.Collect(ctx, cache.Retention{Keep: 1 + rand.N(3), MaxSize: 2000}, false); err != nil {
				return err
			}
		}
	}
	fmt.Println(rounds)
	return nil
}

// openOther opens what is active for a source that another process writes to, which may be another tree in a moment.
func openOther(ctx context.Context, s *cache.Files, source string) error {
	a, err := s.Active(ctx, source)
	if errors.Is(err, cache.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.Open(ctx, a.Digest)
	if !errors.Is(err, cache.ErrNotFound) {
		return err
	}
	if b, activeErr := s.Active(ctx, source); activeErr != nil || b.Revision == a.Revision {
		return fmt.Errorf("%s: %+v is active, and is lost: %w", source, b, errors.Join(err, activeErr))
	}
	return nil
}

// TestCrowd has eight processes bring, read and remove trees of one folder.
func TestCrowd(t *testing.T) {
	long := 2 * time.Second
	if testing.Short() {
		long = 300 * time.Millisecond
	}
	if s := os.Getenv(crowdTime); s != "" {
		var err error
		if long, err = time.ParseDuration(s); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	var children []*exec.Cmd
	var outs []io.Reader
	for i := range crowd {
		cmd, out := startChild(t, "crowd", dir, fmt.Sprintf("%s=%s", childTime, long), fmt.Sprintf("%s=%d", childNumber, i))
		children, outs = append(children, cmd), append(outs, out)
	}
	total := 0
	for i, cmd := range children {
		out, err := io.ReadAll(outs[i])
		if err = errors.Join(err, cmd.Wait()); err != nil {
			t.Errorf("process %d: %v", i, err)
			continue
		}
		var rounds int
		if _, err := fmt.Sscan(string(out), &rounds); err != nil || rounds == 0 {
			t.Errorf("process %d: got %q, %v: it did nothing", i, out, err)
		}
		total += rounds
	}
	t.Logf("%d rounds in %s", total, long)
	s := openDisk(t, dir)
	for i := range crowd {
		a, err := s.Active(t.Context(), fmt.Sprint("own", i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(t.Context(), a.Digest); err != nil {
			t.Error(err)
		}
	}
	if v, err := s.Verify(t.Context(), false); err != nil || len(v.Damage) > 0 {
		t.Errorf("got %+v, %v", v, err)
	}
	c, err := s.Collect(t.Context(), cache.Retention{Keep: 1}, false)
	if err != nil || c.KeptTrees > crowd+1 {
		t.Errorf("got %+v, %v, want what the sources have", c, err)
	}
	if left, err := os.ReadDir(dir + "/holds"); err != nil || len(left) > 0 {
		t.Errorf("got holds %v, %v of processes that are gone", left, err)
	}
}
