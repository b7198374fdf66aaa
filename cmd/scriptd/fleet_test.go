package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/sources/sourcetest"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
	"github.com/scriptd/scriptd/sources/sourcetest/s3server"
)

// fleetInterval is the time between two polls, of the origin as of the cache.
const fleetInterval = 500 * time.Millisecond

// fleetStore is the cache that the scriptds of a fleet share.
type fleetStore struct {
	// cache is the value of the key cache in the configuration file of a member, by its name.
	cache func(member string) string
	// local says that a member has a copy of its own.
	local bool
	// cut keeps the member "server3" from the cache until it is mended. Nil is for a cache that nobody can be kept from.
	cut func() (mend func())
}

// fleet is two syncers and three servers, each a process of its own, on one cache, with a git repository that only the syncers
// may ask.
type fleet struct {
	t       *testing.T
	dir     string
	store   fleetStore
	git     *gitserver.Server
	repo    *gitserver.Repo
	members map[string]*member
	version int
}

// member is a process of a fleet.
type member struct {
	*daemon
	cmd *exec.Cmd
}

var (
	fleetSyncers = []string{"syncer1", "syncer2"}
	fleetServers = []string{"server1", "server2", "server3"}
)

func newFleet(t *testing.T, store fleetStore) *fleet {
	t.Helper()
	f := &fleet{t: t, dir: t.TempDir(), store: store, members: make(map[string]*member)}
	gitDir := filepath.Join(f.dir, "git")
	f.must(os.Mkdir(gitDir, 0o755))
	var err error
	f.repo, err = gitserver.Init(t.Context(), gitDir, "team.git")
	f.must(err)
	f.git, err = gitserver.Start(gitDir, gitserver.Options{})
	f.must(err)
	t.Cleanup(func() { f.git.Close() })
	f.change()
	for _, name := range slices.Concat(fleetSyncers, fleetServers) {
		f.start(name)
	}
	return f
}

func (f *fleet) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// config writes the configuration file of a member.
func (f *fleet) config(name string) string {
	f.t.Helper()
	role := engine.RoleServe
	if slices.Contains(fleetSyncers, name) {
		role = engine.RoleSync
	}
	path := filepath.Join(f.dir, name+".yaml")
	text := fmt.Sprintf("role: %s\ncache: %s\nsources:\n  - {name: team, git: {url: %q, ref: main}, interval: %s}\n",
		role, f.store.cache(name), f.git.URL("team.git"), fleetInterval)
	f.must(os.WriteFile(path, []byte(text), 0o600))
	return path
}

// start starts a member. It is stopped with the test.
func (f *fleet) start(name string) {
	f.t.Helper()
	m := &member{daemon: &daemon{log: &transcript{}}}
	m.cmd = exec.Command("scriptd", "-c", f.config(name), "serve", "--listen", "127.0.0.1:0") //nolint:noctx // it is told to stop
	m.cmd.Stderr = m.log
	f.must(m.cmd.Start())
	f.members[name] = m
	f.t.Cleanup(func() {
		if m.cmd.ProcessState != nil {
			return // it was killed
		}
		_ = m.cmd.Process.Signal(os.Interrupt)
		if err := m.cmd.Wait(); err != nil {
			f.t.Errorf("%s: %v: %s", name, err, m.log)
		}
	})
	if !eventually(func() bool {
		match := listeningLine.FindStringSubmatch(m.log.String())
		if match != nil {
			m.url = match[1]
		}
		return match != nil
	}) {
		f.t.Fatalf("%s does not listen: %s", name, m.log)
	}
}

// kill ends a member as a power cut would.
func (f *fleet) kill(name string) {
	f.t.Helper()
	m := f.members[name]
	f.must(m.cmd.Process.Kill())
	_ = m.cmd.Wait() // it was killed
}

// change has the plugin of the repository answer something new.
func (f *fleet) change() {
	f.t.Helper()
	f.version++
	_, err := f.repo.Apply(f.t.Context(), gitserver.Change{Files: map[string]string{"hello/hello.go": word("hello", f.answer())}, Message: "Edit"})
	f.must(err)
}

func (f *fleet) answer() string { return fmt.Sprint("v", f.version) }

// live waits until servers answer what is new, and returns how long that took for all of them.
func (f *fleet) live(servers ...string) time.Duration {
	f.t.Helper()
	began := time.Now()
	for _, name := range servers {
		if m := f.members[name]; !eventually(func() bool { return m.answers(f.t, "hello", f.answer()) }) {
			f.t.Fatalf("%s has not %s: %s", name, f.answer(), m.log)
		}
	}
	return time.Since(began)
}

// TestFleetOnADisk is TestFleet of a folder that all share.
func TestFleetOnADisk(t *testing.T) {
	testFleet(t, fleetStore{cache: func(string) string { return "{dir: shared, keep: 3}" }})
}

// TestFleetOnABucket is TestFleet of a bucket, with and without a folder in front of it. A server is cut off from the bucket.
func TestFleetOnABucket(t *testing.T) {
	if testing.Short() {
		t.Skip("the same runs on a folder")
	}
	if _, ok := s3server.Find(); !ok && testing.Short() {
		t.Skip("versitygw is not built")
	}
	for name, dir := range map[string]string{"alone": "", "behind a folder": "dir: cache-%s, "} {
		t.Run(name, func(t *testing.T) {
			ctx := context.WithoutCancel(t.Context())
			binary, err := s3server.Binary(ctx)
			if err != nil {
				t.Fatal(err)
			}
			srv, err := s3server.Start(ctx, binary, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { srv.Close() })
			if err := srv.CreateBucket(ctx, "fleet"); err != nil {
				t.Fatal(err)
			}
			proxy := sourcetest.NewProxy(t, strings.TrimPrefix(srv.Endpoint(), "http://"))
			testFleet(t, fleetStore{
				cache: func(member string) string {
					endpoint, front := srv.Endpoint(), dir
					if member == "server3" {
						endpoint = "http://" + proxy.Addr()
					}
					if front != "" {
						front = fmt.Sprintf(front, member)
					}
					return fmt.Sprintf("{%ss3: {bucket: fleet, endpoint: %q, region: us-east-1, path_style: true, access_key_id: %q, secret_access_key: %q}}",
						front, endpoint, srv.AccessKey(), srv.SecretKey())
				},
				local: dir != "",
				cut:   proxy.Down,
			})
		})
	}
}

func testFleet(t *testing.T, store fleetStore) {
	t.Helper()
	rounds := 8
	if testing.Short() {
		rounds = 4
	}
	f := newFleet(t, store)
	f.live(fleetServers...)

	var longest time.Duration
	for range rounds {
		f.change()
		longest = max(longest, f.live(fleetServers...))
	}
	t.Logf("%d changes were live on %d servers after %s at most; a poll of the origin and one of the cache are %s", rounds, len(fleetServers), longest, 2*fleetInterval)

	// A syncer is killed at any moment of what it does for a change, or before or after, and somebody removes what nobody needs: the
	// other finishes.
	for i := range rounds {
		name := fleetSyncers[i%2]
		f.change()
		time.Sleep(rand.N(fleetInterval))
		f.kill(name)
		cli(t, exitOK, "-c", f.config("server2"), "cache", "gc")
		f.live(fleetServers...)
		f.start(name)
	}

	if store.cut != nil {
		f.testCut()
	}

	// Both are gone, and so is the origin: all goes on, also when it starts again.
	for _, name := range fleetSyncers {
		f.kill(name)
	}
	f.git.Close()
	f.kill("server1")
	f.start("server1")
	f.live(fleetServers...)
	path := f.config("server1")
	cli(t, exitOK, "-c", path, "cache", "verify")
	versions := object[[]engine.Version](t, cli(t, exitOK, "-c", path, "history", "team/hello", "-o", "json"))
	if len(versions) < 3 || versions[0].State != "live" {
		t.Errorf("got the history %+v", versions)
	}
	if left, err := filepath.Glob(filepath.Join(f.dir, "shared", "tmp", "*")); err != nil && !errors.Is(err, fs.ErrNotExist) || len(left) > 0 {
		t.Errorf("got leftovers %v, %v", left, err)
	}
}

// testCut keeps a server from the cache: it serves its last state, says so, and catches up.
func (f *fleet) testCut() {
	f.t.Helper()
	const name = "server3"
	cut, before := f.members[name], f.answer()
	mend := f.store.cut()
	f.change()
	f.live("server1", "server2")
	if !eventually(func() bool { return cut.source(f.t, "team").Stale }) {
		f.t.Errorf("%s is not stale: %+v", name, cut.source(f.t, "team"))
	}
	if !cut.answers(f.t, "hello", before) {
		f.t.Errorf("%s does not answer %s", name, before)
	}
	if f.store.local { // it starts again with that
		f.kill(name)
		f.start(name)
		cut = f.members[name]
		if !cut.answers(f.t, "hello", before) || !cut.source(f.t, "team").Stale {
			f.t.Errorf("%s does not answer %s after a start, or is not stale: %+v", name, before, cut.source(f.t, "team"))
		}
	}
	mend()
	f.live(name)
	if !eventually(func() bool { return !cut.source(f.t, "team").Stale }) {
		f.t.Errorf("%s is stale still: %+v", name, cut.source(f.t, "team"))
	}
}
