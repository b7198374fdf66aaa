package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	gosync "sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/s3"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
	"github.com/scriptd/scriptd/sources/sourcetest/s3server"
)

// callersAtOnce is how many callers a soak has, each without pause.
const callersAtOnce = 32

// soak is an origin that changes while callers call.
type soak struct {
	name string
	// packages is how many there are in the tree; the first is edited.
	packages int
	// edits is how often, half of them broken, and within what time.
	edits int
	time  time.Duration
	start func(t *testing.T) (engine.Source, func(files map[string]string))
	// isolation is where the packages run; empty is this process.
	isolation engine.Isolation
}

// A source that changes all the time, broken as often as not, costs no call, nor anything else.
func TestSoak(t *testing.T) {
	for _, s := range []soak{
		{"folder", 1, 200, time.Minute, soakFolder, ""},
		{"folder with 100 packages", 100, 40, 20 * time.Second, soakFolder, ""},
		{"git", 1, 20, 15 * time.Second, soakGit, ""},
		{"git with 100 packages", 100, 20, 15 * time.Second, soakGit, ""},
		{"S3", 1, 20, 15 * time.Second, soakS3, ""},
		{"S3 with 100 packages", 100, 20, 15 * time.Second, soakS3, ""},
		{"folder, in processes", 1, 60, 20 * time.Second, soakFolder, engine.IsolationProcess},
	} {
		t.Run(s.name, func(t *testing.T) {
			if testing.Short() {
				if s.name != "folder" {
					t.Skip("it takes its time")
				}
				s.edits, s.time = 30, 2*time.Second
			}
			s.run(t)
		})
	}
}

func soakFolder(t *testing.T) (engine.Source, func(map[string]string)) {
	t.Helper()
	dir := t.TempDir()
	return folder(t, "soak", dir), func(files map[string]string) { write(t, dir, files) }
}

func soakGit(t *testing.T) (engine.Source, func(map[string]string)) {
	t.Helper()
	dir := t.TempDir()
	repo, err := gitserver.Init(t.Context(), dir, "plugins.git")
	if err != nil {
		t.Fatal(err)
	}
	server, err := gitserver.Start(dir, gitserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	from, err := git.New(git.Options{URL: server.URL("plugins.git"), Ref: "main"})
	if err != nil {
		t.Fatal(err)
	}
	return polled(from), func(files map[string]string) {
		if _, err := repo.Push(t.Context(), files, "edit"); err != nil {
			t.Error(err)
		}
	}
}

func soakS3(t *testing.T) (engine.Source, func(map[string]string)) {
	t.Helper()
	binary, err := s3server.Binary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server, err := s3server.Start(t.Context(), binary, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	if err := server.CreateBucket(t.Context(), "plugins"); err != nil {
		t.Fatal(err)
	}
	from, err := s3.New(s3.Options{
		Bucket: "plugins", Endpoint: server.Endpoint(), Region: "us-east-1", PathStyle: true,
		AccessKeyID: sources.Literal(server.AccessKey()), SecretAccessKey: sources.Literal(server.SecretKey()),
	})
	if err != nil {
		t.Fatal(err)
	}
	return polled(from), func(files map[string]string) {
		for name, content := range files {
			if err := server.Put(t.Context(), "plugins", name, []byte(content)); err != nil {
				t.Error(err)
			}
		}
	}
}

func polled(from sources.Source) engine.Source {
	return engine.Source{Name: "soak", Type: "test", Origin: "test", From: from, Interval: 100 * time.Millisecond}
}

// life is when a version was live, as far as an observer can tell: it began before the event that says so, and ended
// before the event of the next.
type life struct {
	number          int
	written, ending time.Time // not live before the one, and not after the other
}

// lives are those of all versions, by their digests.
type lives struct {
	mu       gosync.Mutex
	byDigest map[string]*life
	last     *life
	// written is when the newest version, of that number, was about to be written.
	written time.Time
	number  int
}

func (l *lives) observe(event engine.Event) {
	if event.Kind != engine.GenerationLive || event.Package != "soak/p0" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last != nil {
		l.last.ending = event.Time
	}
	l.last = &life{number: l.number, written: l.written}
	l.byDigest[event.Digest] = l.last
}

// newest is the number of the version that is live.
func (l *lives) newest() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last.number
}

// check returns the number of the version that answered, which has to have been live at some moment of the call.
func (l *lives) check(digest, answer string, begin, end time.Time) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.byDigest[digest]
	var number int
	if _, err := fmt.Sscanf(answer, "v%d world", &number); err != nil {
		return 0, fmt.Errorf("the answer is %q", answer)
	}
	switch {
	case v == nil: // the event is on its way: it is the newest
		v = &life{number: l.number, written: l.written}
	case end.Before(v.written), !v.ending.IsZero() && v.ending.Before(begin):
		return 0, fmt.Errorf("version %d answers from %s to %s, and was live from %s to %s at most", number, begin, end, v.written, v.ending)
	}
	if v.number != number {
		return 0, fmt.Errorf("version %d answers in the name of version %d", number, v.number)
	}
	return number, nil
}

// measure is what is kept of the process once all that can be is freed.
func measure() (heap uint64, goroutines int) {
	for range 3 {
		goruntime.GC()
	}
	var m goruntime.MemStats
	goruntime.ReadMemStats(&m)
	return m.HeapAlloc, goruntime.NumGoroutine()
}

func (s soak) run(t *testing.T) {
	t.Helper()
	src, put := s.start(t)
	files := make(map[string]string)
	for i := range s.packages {
		name := fmt.Sprint("p", i)
		files[name+"/"+name+".go"] = greeter(name, "v0")
	}
	put(files)
	books := &lives{byDigest: make(map[string]*life)}
	cacheDir := t.TempDir()
	e := open(t, engine.Options{Cache: diskCache(t, cacheDir), Isolation: s.isolation, Sources: []engine.Source{src}})
	if err := e.Sources()[0].Err; err != nil {
		t.Fatal(err)
	}
	books.last = &life{}
	books.byDigest[e.Sources()[0].Digest] = books.last
	e.Observe(books.observe)
	run(t, e)

	gate := newPause()
	stop := make(chan struct{})
	var calls atomic.Int64
	var callers gosync.WaitGroup
	for i := range callersAtOnce {
		callers.Go(func() {
			last := 0
			for {
				select {
				case <-stop:
					return
				default:
				}
				gate.pass()
				begin := time.Now()
				res, err := e.Call(t.Context(), "p0", nil)
				if err != nil || !res.Success {
					t.Errorf("caller %d: %v %s", i, err, res.Error)
					return
				}
				number, err := books.check(res.Digest, fmt.Sprint(res.Data), begin, time.Now())
				if err != nil || number < last {
					t.Errorf("caller %d, after version %d: %v, %v", i, last, res.Data, err)
					return
				}
				last = number
				calls.Add(1)
			}
		})
	}
	defer callers.Wait()
	defer close(stop)

	var heap uint64
	var goroutines int
	began := time.Now()
	for i := 1; i <= s.edits; i++ {
		good := i%2 == 0
		content := greeter("p0", fmt.Sprint("v", i))
		if !good {
			content = strings.Replace(content, "r.Add(", fmt.Sprintf("r.Edit%d(", i), 1)
		}
		books.mu.Lock()
		books.written = time.Now()
		if good {
			books.number = i
		}
		books.mu.Unlock()
		put(map[string]string{"p0/p0.go": content})
		s.wait(t, e, books, i, good)
		if i == min(40, s.edits*2/3) { // after 20 versions
			gate.hold(func() { heap, goroutines = measure() })
		}
		time.Sleep(time.Until(began.Add(time.Duration(i) * s.time / time.Duration(s.edits))))
	}
	gate.hold(func() {
		heapAfter, goroutinesAfter := measure()
		for range 20 { // connections that are idle, and a poll under way, are no leak
			if float64(goroutinesAfter) <= 1.05*float64(goroutines) {
				break
			}
			time.Sleep(250 * time.Millisecond)
			heapAfter, goroutinesAfter = measure()
		}
		t.Logf("%d calls in %s; heap %.2f MB, then %.2f MB; goroutines %d, then %d; cache %d files", calls.Load(), time.Since(began).Round(time.Millisecond),
			float64(heap)/1e6, float64(heapAfter)/1e6, goroutines, goroutinesAfter, countFiles(t, cacheDir))
		if float64(heapAfter) > 1.05*float64(heap) {
			t.Errorf("the heap has grown from %d to %d bytes", heap, heapAfter)
		}
		if float64(goroutinesAfter) > 1.05*float64(goroutines) {
			t.Errorf("goroutines: %d, then %d", goroutines, goroutinesAfter)
		}
	})
}

// wait returns when an edit is live, or is found to be broken.
func (s soak) wait(t *testing.T, e *engine.Engine, books *lives, i int, good bool) {
	t.Helper()
	eventually(t, func() bool {
		if good {
			return books.newest() == i
		}
		history, err := e.History("soak/p0")
		if err != nil {
			t.Fatal(err)
		}
		return history[0].State == cache.Failed && strings.Contains(history[0].Error, fmt.Sprintf("r.Edit%d undefined", i))
	})
}

func countFiles(t *testing.T, dir string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return n
}

// pause lets callers stand still while something is measured.
type pause struct{ mu gosync.RWMutex }

func newPause() *pause { return &pause{} }

func (p *pause) pass() {
	p.mu.RLock()
	p.mu.RUnlock() //nolint:staticcheck // it is a gate: there is nothing to do in it
}

// hold runs f while nobody passes. Calls under way end meanwhile.
func (p *pause) hold(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	time.Sleep(2500 * time.Millisecond) // goroutines that were of use a moment ago end
	f()
}
