package s3_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/afero"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/cache/s3"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

// notices are what a store told.
type notices struct {
	mu   sync.Mutex
	list []string
}

func (n *notices) of(s *cache.Layered) *cache.Layered {
	s.Tell(func(notice cache.Notice) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.list = append(n.list, fmt.Sprint(notice.What, ": ", notice.Err))
	})
	return s
}

// want fails the test unless these were told, each by how it begins, and nothing else. It forgets them.
func (n *notices) want(t *testing.T, beginnings ...string) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	ok := len(n.list) == len(beginnings)
	for i := range min(len(n.list), len(beginnings)) {
		ok = ok && strings.HasPrefix(n.list[i], beginnings[i])
	}
	if !ok {
		t.Errorf("got told %q, want %q", n.list, beginnings)
	}
	n.list = nil
}

const (
	awayNotice = "the shared cache cannot be reached: what was known of it last is used: "
	backNotice = "the shared cache can be reached again, after "
)

// TestAwayAndBack cuts a machine off from the bucket.
func TestAwayAndBack(t *testing.T) {
	for name, begin := range map[string]func(*sourcetest.Proxy) (end func()){
		"refused": (*sourcetest.Proxy).Down,
		"black hole": func(p *sourcetest.Proxy) func() {
			return p.Poison("timeout", "upstream", map[string]int64{"timeout": 0})
		},
		"broken off": func(p *sourcetest.Proxy) func() {
			return p.Poison("limit_data", "downstream", map[string]int64{"bytes": 20})
		},
		"drop by drop": func(p *sourcetest.Proxy) func() {
			return p.Poison("slicer", "downstream", map[string]int64{"average_size": 1, "delay": 10_000_000})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			awayAndBack(t, begin)
		})
	}
}

func awayAndBack(t *testing.T, begin func(*sourcetest.Proxy) (end func())) {
	t.Helper()
	p, dir := newPlace(t), t.TempDir()
	proxy := sourcetest.NewProxy(t, strings.TrimPrefix(server.Endpoint(), "http://"))
	behind := p.at(proxy.Addr())
	var told notices
	s := told.of(behind.layered(t, dir))
	first := active(t, s, "1", small())
	head := cache.Head{Origin: "o", Revision: "1", Digest: first.Digest}
	control := cache.Control{Packages: map[string]cache.PackageControl{"a": {Pin: first.Digest}}}
	syncs := []cache.Sync{{ID: 1, Result: cache.SyncChanged, Revision: "1"}}
	err := errors.Join(s.SetHead(t.Context(), "team", head), s.SetControl(t.Context(), "team", control), s.SetSyncs(t.Context(), "team", syncs))
	if err != nil {
		t.Fatal(err)
	}
	told.want(t)

	end := begin(proxy)
	s = told.of(behind.layered(t, dir)) // as after a restart
	for range 3 {
		a, err1 := s.Active(t.Context(), "team")
		if h, err := s.Head(t.Context(), "team"); err == nil || errors.Is(err, cache.ErrNotFound) {
			t.Errorf("got head %+v, %v: nobody knows what is new", h, err)
		}
		c, err2 := s.Control(t.Context(), "team")
		list, err3 := s.Syncs(t.Context(), "team")
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		a.Version, c.Version = "", ""
		if !reflect.DeepEqual(a, first) || !reflect.DeepEqual(c, control) || !reflect.DeepEqual(list, syncs) {
			t.Errorf("got %+v, %+v, %+v", a, c, list)
		}
		wantTree(t, s, a.Digest, small())
	}
	told.want(t, awayNotice)
	since, why := s.Away()
	if since.IsZero() || why == nil || !strings.Contains(why.Error(), p.opts.Bucket.Name) {
		t.Errorf("got %s, %v", since, why)
	}
	end()

	// Meanwhile another machine went on.
	second := active(t, p.open(t), "2", numbered(2))
	caughtUp(t, s, second)
	told.want(t, backNotice)
	if h, err := s.Head(t.Context(), "team"); err != nil || h.Revision != "1" {
		t.Errorf("got %+v, %v", h, err)
	}
	if since, why := s.Away(); !since.IsZero() || why != nil {
		t.Errorf("got %s, %v", since, why)
	}
	wantTree(t, s, second.Digest, numbered(2))
	active(t, s, "3", small())
	told.want(t)
}

// TestWhoIsInAHurry: whose time is short gets what is known, too.
func TestWhoIsInAHurry(t *testing.T) {
	p, dir := newPlace(t), t.TempDir()
	proxy := sourcetest.NewProxy(t, strings.TrimPrefix(server.Endpoint(), "http://"))
	want := active(t, p.layered(t, dir), "1", small())
	s := p.at(proxy.Addr()).layered(t, dir)
	proxy.Poison("timeout", "upstream", map[string]int64{"timeout": 0})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if a, err := s.Active(ctx, "team"); err != nil || a.Digest != want.Digest {
		t.Errorf("got %+v, %v", a, err)
	}
}

// TestWritesNeedTheBucket: what fails says why, and what nobody knows is not taken for what is not there.
func TestWritesNeedTheBucket(t *testing.T) {
	p := newPlace(t)
	proxy := sourcetest.NewProxy(t, strings.TrimPrefix(server.Endpoint(), "http://"))
	s := p.at(proxy.Addr()).layered(t, t.TempDir())
	first := active(t, s, "1", small())
	proxy.Down()
	_, err := s.Put(t.Context(), numbered(7))
	head, control := cache.Head{Digest: first.Digest}, cache.Control{}
	for _, err := range []error{err, s.Activate(t.Context(), "team", first), s.SetHead(t.Context(), "team", head), s.SetControl(t.Context(), "team", control)} {
		if err == nil || !strings.Contains(err.Error(), "s3 bucket "+p.opts.Bucket.Name) || !strings.HasSuffix(err.Error(), "connection refused") {
			t.Errorf("got %v", err)
		}
	}
	_, openErr := s.Open(t.Context(), digest(t, numbered(7)))
	_, activeErr := s.Active(t.Context(), "other")
	_, treesErr := s.Trees(t.Context())
	for _, err := range []error{openErr, activeErr, treesErr} {
		if err == nil || errors.Is(err, cache.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	}
}

// caughtUp waits until a machine knows what is active.
func caughtUp(t *testing.T, s cache.Store, want cache.Active) {
	t.Helper()
	for {
		a, err := s.Active(t.Context(), "team")
		if err != nil {
			t.Fatal(err)
		}
		if a.Revision == want.Revision && a.Digest == want.Digest {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestVersionsHoldAcrossAnAbsence: what was read of the copy replaces what it is a copy of, and nothing else.
func TestVersionsHoldAcrossAnAbsence(t *testing.T) {
	p, dir := newPlace(t), t.TempDir()
	proxy := sourcetest.NewProxy(t, strings.TrimPrefix(server.Endpoint(), "http://"))
	active(t, p.at(proxy.Addr()).layered(t, dir), "1", small())
	end := proxy.Down()
	a, err := p.at(proxy.Addr()).layered(t, dir).Active(t.Context(), "team")
	if err != nil {
		t.Fatal(err)
	}
	end()
	s := p.at(proxy.Addr()).layered(t, dir)
	a.Revision = "2"
	if err := s.Activate(t.Context(), "team", a); err != nil {
		t.Error(err)
	}
	if err := s.Activate(t.Context(), "team", a); !errors.Is(err, cache.ErrConflict) {
		t.Errorf("got %v, want %v", err, cache.ErrConflict)
	}
}

// TestLocalDamageIsFetchedAgain flips 200 random bits of the folder: nobody notices, but for what is told.
func TestLocalDamageIsFetchedAgain(t *testing.T) {
	p, dir := newPlace(t), t.TempDir()
	var told notices
	s := told.of(p.layered(t, dir))
	want := active(t, s, "1", small())
	var names []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, name)
		top, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		if err == nil && d.Type().IsRegular() && slices.Contains([]string{"blobs", "trees", "active"}, top) {
			names = append(names, name)
		}
		return err
	})
	if err != nil || len(names) != 4 {
		t.Fatalf("got %v, %v", names, err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		name := names[random.IntN(len(names))]
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		content[random.IntN(len(content))] ^= 1 << random.IntN(8)
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := s.Active(t.Context(), "team")
		if a.Version = ""; err != nil || !reflect.DeepEqual(a, want) {
			t.Fatalf("%s: got %+v, %v", name, a, err)
		}
		wantTree(t, s, want.Digest, small())
		if strings.Contains(name, "active") {
			told.want(t)
		} else {
			told.want(t, "the local copy of a tree is damaged, and is replaced from the shared cache: open cached tree "+string(want.Digest))
		}
	}
	v, err := s.Verify(t.Context(), false)
	if err != nil || len(v.Damage) > 0 || len(v.Local.Damage) > 0 || v.Local.Blobs != 2 {
		t.Errorf("got %+v, %+v, %v", v, v.Local, err)
	}
}

// TestRepairFromTheOtherSide: what is damaged on one side is written again from the other.
func TestRepairFromTheOtherSide(t *testing.T) {
	p, dir := newPlace(t), t.TempDir()
	s := p.layered(t, dir)
	want := active(t, s, "1", small())
	if err := s.SetControl(t.Context(), "team", cache.Control{Suspended: true}); err != nil {
		t.Fatal(err)
	}
	for _, name := range append(p.files(t, "blobs"), "active/team.json", "control/team.json", p.files(t, "trees")[0]) {
		for side, at := range map[string]place{"bucket": p, "folder": {dir: dir}} {
			at.flip(t, name, 8*8)
			v, err := s.Verify(t.Context(), true)
			if err != nil {
				t.Fatal(err)
			}
			damage := v.Local.Damage
			if side == "bucket" {
				damage = v.Damage
			}
			if len(v.Damage)+len(v.Local.Damage) != 1 || len(damage) != 1 || damage[0].File != name {
				t.Fatalf("%s, %s: got %+v, %+v", side, name, v.Damage, v.Local.Damage)
			}
			again := "; written again from the"
			if strings.HasSuffix(name, ".json") {
				again = "replaced by the local copy"
			}
			if side == "folder" && strings.HasSuffix(name, ".json") {
				again = "set aside as" // it is kept again when it is read
			}
			if !strings.Contains(damage[0].Repair, again) {
				t.Errorf("%s, %s: got %+v", side, name, damage[0])
			}
			a, err := s.Active(t.Context(), "team")
			if a.Version = ""; err != nil || !reflect.DeepEqual(a, want) {
				t.Errorf("%s, %s: got %+v, %v", side, name, a, err)
			}
			if c, err := s.Control(t.Context(), "team"); err != nil || !c.Suspended {
				t.Errorf("%s, %s: got %+v, %v", side, name, c, err)
			}
			v, err = s.Verify(t.Context(), false)
			if err != nil || len(v.Damage) > 0 || len(v.Local.Damage) > 0 {
				t.Fatalf("%s, %s: got %+v, %+v, %v", side, name, v.Damage, v.Local.Damage, err)
			}
			wantTree(t, p.open(t), want.Digest, small())
		}
	}
}

// TestDamagedRecordIsKnownLocally: a record of the bucket that is damaged is as it was known last.
func TestDamagedRecordIsKnownLocally(t *testing.T) {
	p := newPlace(t)
	var told notices
	s := told.of(p.layered(t, t.TempDir()))
	want := active(t, s, "1", small())
	p.flip(t, "active/team.json", 8*8)
	a, err := s.Active(t.Context(), "team")
	if a.Version = ""; err != nil || !reflect.DeepEqual(a, want) {
		t.Errorf("got %+v, %v", a, err)
	}
	told.want(t, "a record of the shared cache is damaged: what was known last is used: active tree of team: cache is corrupt")
	if a, err := p.layered(t, t.TempDir()).Active(t.Context(), "team"); !errors.Is(err, cache.ErrCorrupt) {
		t.Errorf("got %+v, %v from who knows nothing", a, err)
	}
}

// full is a file system without room, while it is on.
type full struct {
	afero.Fs
	on bool
}

func (f *full) OpenFile(name string, flag int, perm os.FileMode) (afero.File, error) {
	if f.on && flag&os.O_CREATE != 0 {
		return nil, &os.PathError{Op: "open", Path: name, Err: syscall.ENOSPC}
	}
	return f.Fs.OpenFile(name, flag, perm)
}

// TestLocalCopyIsFull: the bucket has it, so it goes on.
func TestLocalCopyIsFull(t *testing.T) {
	p := newPlace(t)
	shared, err := s3.New(p.opts)
	if err != nil {
		t.Fatal(err)
	}
	disk := &full{Fs: afero.NewMemMapFs()}
	local := cache.New(disk)
	var told notices
	s := told.of(cache.NewLayered(local, shared))
	old := active(t, s, "1", small())
	disk.on = true
	for range 2 {
		now := active(t, s, "2", numbered(2))
		wantTree(t, s, now.Digest, numbered(2))
		caughtUp(t, s, now)
		told.want(t, "the local copy of the cache cannot keep tree "+string(now.Digest)+": put tree into cache: ")
		if a, err := local.Active(t.Context(), "team"); err != nil || a.Digest != old.Digest {
			t.Errorf("got %+v, %v: it has no other tree", a, err)
		}
		disk.on = false
		active(t, s, "1", small())
		told.want(t)
		disk.on = true
	}
	disk.on = false
	now := active(t, s, "3", numbered(3))
	told.want(t)
	if a, err := local.Active(t.Context(), "team"); err != nil || a.Digest != now.Digest {
		t.Errorf("got %+v, %v", a, err)
	}
	wantTree(t, local, now.Digest, numbered(3))
}

// TestOneFolderServesWhatAnotherMachineWrote keeps what it read.
func TestOneFolderServesWhatAnotherMachineWrote(t *testing.T) {
	p, dir := newPlace(t), t.TempDir()
	want := active(t, p.layered(t, t.TempDir()), "1", small())
	g := newGateway(t)
	s := p.at(g.addr).layered(t, dir)
	a, err := s.Active(t.Context(), "team")
	if a.Version = ""; err != nil || !reflect.DeepEqual(a, want) {
		t.Fatalf("got %+v, %v", a, err)
	}
	g.from(nil)
	wantTree(t, s, want.Digest, small())
	if asked := g.requests(); len(asked) > 0 {
		t.Errorf("what the folder has costs %v", asked)
	}
	if _, err := s.Active(t.Context(), "team"); err != nil || !reflect.DeepEqual(g.requests(), []string{"GET active/team.json"}) {
		t.Errorf("what is known costs %v, %v", g.requests(), err)
	}
}
