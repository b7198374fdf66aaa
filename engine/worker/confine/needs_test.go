//go:build linux

package confine_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/scriptd/scriptd/engine/worker/confine"
)

// needs are what ordinary programs do, and go on doing when they are confined.
var needs = map[string]func(world) (string, error){
	"compute": func(world) (string, error) {
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() { time.Sleep(time.Millisecond); _ = make([]byte, 1<<12) })
		}
		stop := make(chan struct{})
		wg.Go(func() { // it is to be interrupted, which takes signals between threads
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
			}
		})
		for range 5 {
			runtime.GC()
		}
		close(stop)
		wg.Wait()
		return "", nil
	},
	"threads": func(world) (string, error) {
		var wg, together sync.WaitGroup
		together.Add(50)
		for range 50 {
			wg.Go(func() {
				runtime.LockOSThread()
				together.Done()
				together.Wait()
			})
		}
		wg.Wait()
		return "", nil
	},
	"profile": func(world) (string, error) {
		var out bytes.Buffer
		if err := pprof.StartCPUProfile(&out); err != nil {
			return "", err
		}
		pprof.StopCPUProfile()
		return "", pprof.Lookup("goroutine").WriteTo(&out, 0)
	},
	"signal to itself": func(world) (string, error) {
		got := make(chan os.Signal, 1)
		signal.Notify(got, unix.SIGUSR1)
		if err := unix.Kill(os.Getpid(), unix.SIGUSR1); err != nil {
			return "", err
		}
		<-got
		return "", nil
	},
	"zones": func(world) (string, error) {
		zone, err := time.LoadLocation("America/New_York")
		if err != nil {
			return "", err
		}
		return time.Unix(0, 0).In(zone).Format(time.RFC3339), nil
	},
	"roots": func(world) (string, error) {
		roots, err := x509.SystemCertPool()
		if err == nil && roots.Equal(x509.NewCertPool()) {
			err = errors.New("there are none")
		}
		return "", err
	},
	"small things": func(world) (string, error) {
		_, err := io.ReadFull(rand.Reader, make([]byte, 1<<10))
		host, hostErr := os.Hostname()
		null, nullErr := os.OpenFile(os.DevNull, os.O_RDWR|os.O_TRUNC, 0)
		r, w, pipeErr := os.Pipe()
		pair, pairErr := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		err = errors.Join(err, hostErr, nullErr, pipeErr, pairErr)
		if err != nil || host == "" {
			return "", err
		}
		return mime.TypeByExtension(".html"), errors.Join(null.Close(), r.Close(), w.Close(), unix.Close(pair[0]), unix.Close(pair[1]))
	},
	"read a file": func(w world) (string, error) {
		text, err := os.ReadFile(w.granted("file"))
		return string(text), err
	},
	"list": func(w world) (string, error) {
		entries, err := os.ReadDir(w.Granted)
		return fmt.Sprint(len(entries)), err
	},
	"write": writeThings,
	"temporary": func(world) (string, error) {
		f, err := os.CreateTemp("", "a")
		if err != nil {
			return "", err
		}
		return filepath.Dir(f.Name()), f.Close()
	},
	"names": func(world) (string, error) {
		for _, r := range []*net.Resolver{{PreferGo: true}, net.DefaultResolver} {
			addrs, err := r.LookupHost(context.Background(), "localhost")
			if err != nil || len(addrs) == 0 {
				return "", fmt.Errorf("%d addresses: %w", len(addrs), err)
			}
		}
		port, err := net.LookupPort("tcp", "ssh")
		return fmt.Sprint(port), err
	},
	"get": func(w world) (string, error) {
		res, err := http.Get(fmt.Sprintf("http://localhost:%d/", w.HTTP))
		if err != nil {
			return "", err
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		return string(text), err
	},
	"serve": func(w world) (string, error) {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", w.Free))
		if err != nil {
			return "", err
		}
		go func() {
			c, err := l.Accept()
			if err == nil {
				fmt.Fprint(c, "hello")
				c.Close()
			}
		}()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(c)
		return string(text), err
	},
	"interfaces": func(world) (string, error) {
		all, err := net.Interfaces()
		if err == nil && len(all) == 0 {
			err = errors.New("there are none")
		}
		return "", err
	},
	"run":      func(world) (string, error) { return run("sh", "-c", "echo hello | cat") },
	"script":   func(w world) (string, error) { return run(w.granted("script")) },
	"find":     func(world) (string, error) { return exec.LookPath("sh") },
	"run long": runLong,
}

func run(name string, args ...string) (string, error) {
	out, err := exec.CommandContext(context.Background(), name, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// runLong starts programs from several threads, and has them ended from others.
func runLong(world) (string, error) {
	errs := make(chan error)
	for range 8 {
		go func() {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			cmd := exec.CommandContext(ctx, "sleep", "60")
			if err := cmd.Start(); err != nil {
				errs <- err
				return
			}
			runtime.LockOSThread() // the next one is another
			go cancel()
			err := cmd.Wait()
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == unix.SIGKILL {
				err = nil
			}
			errs <- err
		}()
	}
	var all error
	for range 8 {
		all = errors.Join(all, <-errs)
	}
	return "", all
}

// writeThings does in a folder what programs do.
func writeThings(w world) (string, error) {
	at := func(name string) string { return w.granted("sub", name) }
	f, err := os.Create(at("a"))
	if err != nil {
		return "", err
	}
	_, err = f.WriteString("hello")
	err = errors.Join(err, f.Sync(), f.Chmod(0o600), f.Close(),
		os.MkdirAll(at("b/c"), 0o700),
		os.Rename(at("a"), at("b/c/a")),
		os.Rename(at("b/c/a"), w.granted("a")),
		os.Link(w.granted("a"), at("d")),
		os.Symlink("d", at("e")),
		os.Truncate(at("e"), 4),
		os.Remove(w.granted("a")),
		os.CopyFS(at("f"), os.DirFS(at("b"))),
		os.RemoveAll(at("b")))
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(at("e"))
	return string(text), err
}

func makeScript(w world) (string, error) {
	path := w.granted("script")
	return path, os.WriteFile(path, []byte("#!/usr/bin/env -S sh\necho hello\n"), 0o755) //nolint:gosec // a program
}

func TestNeeds(t *testing.T) {
	needLandlock(t, 4)
	tests := []struct {
		name  string
		grant grant
		want  string
	}{
		{"compute", nothing, ""},
		{"threads", nothing, ""},
		{"profile", nothing, ""},
		{"signal to itself", nothing, ""},
		{"zones", nothing, "1969-12-31T19:00:00-05:00"},
		{"roots", nothing, ""},
		{"small things", nothing, "text/html; charset=utf-8"},
		{"read a file", func(w world) permissions { return permissions{Read: []string{w.granted("file")}} }, "granted"},
		{"list", readGranted, "4"},
		{"write", writeGranted, "hell"},
		{"temporary", writeGranted, "TEMP"},
		{"names", netElsewhere, "22"},
		{"get", func(w world) permissions { return permissions{Net: []string{fmt.Sprintf("localhost:%d", w.HTTP)}} }, "hello"},
		{"serve", netFree, "hello"},
		{"interfaces", netTCP, ""},
		{"run", func(world) permissions { return permissions{Run: []string{"sh", "cat"}} }, "hello"},
		{"script", func(w world) permissions { return permissions{Run: []string{w.granted("script")}} }, "hello"},
		{"run long", func(world) permissions { return permissions{Run: []string{"sleep"}} }, ""},
		{"find", func(world) permissions { return permissions{Run: []string{"*"}} }, "/usr/bin/sh"},
	}
	for user, uid := range users() {
		for _, tt := range tests {
			t.Run(user+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				for _, g := range []grant{tt.grant, everything} {
					w := newWorld(t, uid)
					temp := filepath.Join(w.Dir, "temp")
					if _, err := makeScript(w); err != nil {
						t.Fatal(err)
					}
					if err := errors.Join(os.Mkdir(temp, 0o700), os.Chown(temp, uid, -1)); err != nil {
						t.Fatal(err)
					}
					p := confine.Policy{Permissions: g(w), Temp: temp}
					want := strings.Replace(tt.want, "TEMP", temp, 1)
					a := do(t, uid, job{Case: tt.name, World: w, Policy: p, Scope: len(g(w).Run) > 0})
					if a.Ended != nil || a.Error != "" || a.Output != want {
						t.Errorf("with %v: got %q and %v, want %q; %v", g(w), a.Output, a, want, a.Report)
					}
				}
			})
		}
	}
}
