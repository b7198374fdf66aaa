package filesystem_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/sources/filesystem"
	"github.com/scriptd/scriptd/sources/sourcetest"
)

// Many files at once make few reports, and the last comes after the last file.
func TestWatchSeesABurst(t *testing.T) {
	for _, folders := range []int{1, 50} {
		t.Run(fmt.Sprint("folders=", folders), func(t *testing.T) {
			p := place{t, t.TempDir()}
			p.write("plugins/0/a.go", "0")
			src := open(t, p.at("plugins"))
			var reports atomic.Int32
			changed := watchCounting(t, src, &reports)
			for round := range 3 {
				reports.Store(0)
				begin := time.Now()
				want := sourcetest.Text("0/a.go", "0")
				for i := range 500 {
					name := path.Join(fmt.Sprint(i%folders), fmt.Sprint("file", i, ".go"))
					want[name] = sourcetest.File{Content: fmt.Sprint(round)}
					p.write("plugins/"+name, fmt.Sprint(round))
				}
				took := time.Since(begin)
				await(t, src, changed, want)
				// One when it is over, one each 250 ms, and a few for the moments in which the machine does something else.
				if got, most := int(reports.Load()), 3+int(took/(50*time.Millisecond)); got > most {
					t.Errorf("%d reports in %s, want %d at most", got, took, most)
				}
			}
		})
	}
}

// watchCounting watches src until the test ends, and counts the reports after the first.
func watchCounting(t *testing.T, src *filesystem.Source, reports *atomic.Int32) <-chan struct{} {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	told, began, ended := make(chan struct{}, 1), make(chan struct{}, 1), make(chan error, 1)
	go func() {
		ended <- src.Watch(ctx, func() {
			select {
			case began <- struct{}{}:
				return
			default:
			}
			reports.Add(1)
			select {
			case told <- struct{}{}:
			default:
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the watch ended with %v", err)
		}
	})
	for len(began) == 0 { // it stays full
		time.Sleep(time.Millisecond)
	}
	return told
}

// Whatever is done to folders and files, the folder itself among them, the watch goes on, and tells of what comes last.
func TestWatchSurvivesAStorm(t *testing.T) {
	p := place{t, t.TempDir()}
	p.write("around/plugins/a.go", "0", "v1/around/plugins/a.go", "1")
	src := open(t, p.at("way/plugins"))
	p.link("around", "way")
	changed := sourcetest.Watch(t, src)
	for round := range 3 {
		stop := make(chan struct{})
		var storm sync.WaitGroup
		for i := range 4 {
			random := rand.New(rand.NewPCG(uint64(round), uint64(i)))
			storm.Go(func() {
				name := func() string {
					name := "way/plugins"
					for range 1 + random.IntN(3) {
						name = path.Join(name, fmt.Sprint("d", random.IntN(3)))
					}
					return p.at(name)
				}
				for {
					select {
					case <-stop:
						return
					default:
					}
					// Most of it fails, as the others are quicker.
					switch random.IntN(8) {
					case 0, 1:
						_ = os.MkdirAll(name(), 0o755)
					case 2, 3:
						_ = os.WriteFile(name(), []byte("x"), 0o644)
					case 4:
						_ = os.Rename(name(), name())
					case 5:
						_ = os.RemoveAll(name())
					case 6:
						_ = os.Symlink("d0", name())
					case 7:
						_ = os.Rename(p.at("around/plugins"), p.at("away"))
						_ = os.RemoveAll(p.at("around/plugins"))
						_ = os.Rename(p.at("away"), p.at("around/plugins"))
						_ = errors.Join(os.Symlink("v1/around", p.at(fmt.Sprint("next", i))), os.Rename(p.at(fmt.Sprint("next", i)), p.at("way")))
					}
				}
			})
		}
		time.Sleep(400 * time.Millisecond)
		close(stop)
		storm.Wait()
		p.link("around", "way")
		p.remove("around")
		p.write("around/plugins/a.go", fmt.Sprint("last ", round))
		await(t, src, changed, sourcetest.Text("a.go", fmt.Sprint("last ", round)))
	}
}

// BenchmarkReport measures the time from an edit to the report, and to the content.
func BenchmarkReport(b *testing.B) {
	for name, edit := range map[string]func(path string, content []byte) error{
		"write": func(path string, content []byte) error { return os.WriteFile(path, content, 0o644) },
		"rename": func(path string, content []byte) error {
			return errors.Join(os.WriteFile(path+".tmp", content, 0o644), os.Rename(path+".tmp", path))
		},
		"newfolder": func(name string, content []byte) error {
			dir := path.Join(path.Dir(name), string(content))
			return errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(path.Join(dir, "a.go"), content, 0o644))
		},
	} {
		b.Run(name, func(b *testing.B) {
			dir := b.TempDir()
			src, err := filesystem.New(filesystem.Options{Path: dir})
			if err != nil {
				b.Fatal(err)
			}
			told, ended := make(chan time.Time, 100), make(chan error, 1)
			ctx, cancel := context.WithCancel(b.Context())
			go func() { ended <- src.Watch(ctx, func() { told <- time.Now() }) }()
			<-told
			var took []time.Duration
			for b.Loop() {
				begin := time.Now()
				if err := edit(path.Join(dir, "a.go"), fmt.Append(nil, "edit", len(took))); err != nil {
					b.Fatal(err)
				}
				took = append(took, (<-told).Sub(begin))
			}
			cancel()
			if err := <-ended; err != nil {
				b.Error(err)
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
		})
	}
}
