package cache_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/scriptd/scriptd/cache"
)

const counts = 25

// counting adds one to what the head says, again and again. Whoever replaced it meanwhile is not undone.
func counting(ctx context.Context, dir string) error {
	s, err := cache.Disk(dir)
	if err != nil {
		return err
	}
	for range counts {
		for {
			h, err := s.Head(ctx, "team")
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(h.Revision)
			if err != nil {
				return err
			}
			h.Revision = strconv.Itoa(n + 1)
			if err = s.SetHead(ctx, "team", h); err == nil {
				break
			}
			if !errors.Is(err, cache.ErrConflict) {
				return err
			}
		}
	}
	return nil
}

// TestProcessesReplaceWhatTheyRead: no step of a process is lost to another.
func TestProcessesReplaceWhatTheyRead(t *testing.T) {
	const processes = 4
	dir := t.TempDir()
	s := openDisk(t, dir)
	d, err := s.Put(t.Context(), small())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetHead(t.Context(), "team", cache.Head{Revision: "0", Digest: d, Version: cache.Absent}); err != nil {
		t.Fatal(err)
	}
	var waits []func() error
	for range processes {
		cmd, _ := startChild(t, "count", dir)
		waits = append(waits, cmd.Wait)
	}
	for i, wait := range waits {
		if err := wait(); err != nil {
			t.Errorf("process %d: %v", i, err)
		}
	}
	if h, err := s.Head(t.Context(), "team"); err != nil || h.Revision != strconv.Itoa(processes*counts) {
		t.Errorf("got %+v and error %v, want revision %d", h, err, processes*counts)
	}
}
