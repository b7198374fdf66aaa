//go:build linux

package confine_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sys/unix"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/confine"
)

// states are what children tell of themselves.
var states = map[string]func(world) (string, error){
	"state": func(world) (string, error) {
		signal := 0
		var err error
		onFirstThread(func() { err = unix.Prctl(unix.PR_GET_PDEATHSIG, ptr(&signal), 0, 0, 0) })
		if err != nil {
			return "", err
		}
		return fmt.Sprintln(unix.Signal(signal), os.Args[1:], os.Getenv("TMPDIR"), slices.ContainsFunc(os.Environ(), func(entry string) bool {
			return strings.HasPrefix(entry, "SCRIPTD_")
		})), nil
	},
	"plugin": runPlugin,
	"apply again": func(w world) (string, error) {
		_, err := confine.Apply(confine.Policy{Permissions: everything(w)})
		return "", err
	},
}

const source = `package p

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

type Params struct {
	URL, File, Secret string
}

func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: "p"}, run) }

func run(ctx context.Context, p Params) (string, error) {
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { time.Sleep(time.Millisecond) })
	}
	wg.Wait()
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		return "", err
	}
	file, err := os.ReadFile(p.File)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, "GET", p.URL, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	_, err = os.ReadFile(p.Secret)
	return fmt.Sprintf("%s %s %s %t", time.Unix(0, 0).In(zone), file, body, os.IsPermission(err)), nil
}
`

// plugins is the runtime of a process that is confined.
var plugins = interp.New()

// runPlugin loads a plugin in this process, and calls it.
func runPlugin(w world) (string, error) {
	ctx := context.Background()
	inst, err := plugins.Load(ctx, runtime.Package{
		Name: "test/p", Dir: ".", Permissions: pluginGrant(w), Tree: fstest.MapFS{"p.go": {Data: []byte(source)}},
	})
	if err != nil {
		return "", err
	}
	res, err := inst.Call(ctx, "p", map[string]any{
		"URL": fmt.Sprintf("http://localhost:%d/", w.HTTP), "File": w.granted("file"), "Secret": w.secret(),
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprint(res.Data, res.Error), inst.Close(ctx)
}

func pluginGrant(w world) permissions {
	return permissions{Read: []string{w.granted("file")}, Net: []string{fmt.Sprintf("localhost:%d", w.HTTP)}}
}

func TestPlugin(t *testing.T) {
	needLandlock(t, 4)
	for user, uid := range users() {
		t.Run(user, func(t *testing.T) {
			w := newWorld(t, uid)
			a := do(t, uid, job{Case: "plugin", World: w, Policy: confine.Policy{Permissions: pluginGrant(w)}})
			const want = "1970-01-01 09:00:00 +0900 JST granted hello true"
			if a.Ended != nil || a.Output != want {
				t.Errorf("got %q and %v, want %q", a.Output, a, want)
			}
		})
	}
}

func TestApplyBadPolicy(t *testing.T) {
	for name, tt := range map[string]struct {
		policy confine.Policy
		want   string
	}{
		"a path that is relative": {confine.Policy{Permissions: permissions{Read: []string{"etc"}}}, `confine: read: "etc" is not an absolute path`},
		"another":                 {confine.Policy{Permissions: permissions{Write: []string{"./etc"}}}, `confine: write: "./etc" is not an absolute path`},
		"its own":                 {confine.Policy{Read: []string{"etc"}}, `confine: its own needs: "etc" is not an absolute path`},
		"a port":                  {confine.Policy{Permissions: permissions{Net: []string{"a:http"}}}, `confine: net: "a:http": want a port from 1 to 65535, or *`},
	} {
		t.Run(name, func(t *testing.T) {
			a := do(t, os.Getuid(), job{Case: "state", World: newWorld(t, os.Getuid()), Policy: tt.policy})
			if a.Ended == nil || strings.TrimSpace(a.Stderr) != tt.want {
				t.Errorf("got %v, want %q", a, tt.want)
			}
		})
	}
}

func TestReport(t *testing.T) {
	needLandlock(t, 4)
	lacksLandlock := []uint32{unix.SYS_LANDLOCK_CREATE_RULESET}
	lacksSeccomp := []uint32{unix.SYS_SECCOMP}
	tests := []struct {
		name  string
		grant grant
		hide  []uint32
		want  []string
		not   string
	}{
		{"nothing granted", nothing, nil, []string{
			"enforced: files: those that are granted (Landlock ", "enforced: system calls: those that packages need (seccomp)",
			"enforced: network: none (seccomp)", "enforced: signals: to itself (seccomp)", "enforced: no core dumps (RLIMIT_CORE)",
		}, "not enforced: "},
		{"all", func(world) permissions { return permissions{All: true} }, nil, []string{"enforced: nothing else: all is allowed"}, "Landlock"},
		{"net", netTCP, nil, []string{"enforced: network: the ports that are granted, of TCP"}, "network: none"},
		{"no Landlock", netTCP, lacksLandlock, []string{
			"not enforced: files: all of this user's: the kernel has no Landlock",
			"not enforced: network: all ports: it takes Landlock 4, and this is 0", "enforced: system calls",
		}, "enforced: files: those"},
		{"no seccomp", netTCP, lacksSeccomp, []string{
			"not enforced: system calls: all that this user may make", "not enforced: signals", "enforced: files",
		}, "(seccomp)"},
		{"neither", nothing, slices.Concat(lacksLandlock, lacksSeccomp), []string{
			"not enforced: files", "not enforced: system calls", "not enforced: network", "not enforced: signals",
		}, "(seccomp)"},
		{"without effect", func(w world) permissions {
			return permissions{Read: []string{w.granted("none")}, Write: []string{w.granted("nor this")}, Run: []string{"no-such-program"}}
		}, nil, []string{
			"ignored: read ", "/none: there is nothing now", "ignored: write ", "ignored: run no-such-program: there is no such program",
		}, "\x00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, os.Getuid())
			a := do(t, os.Getuid(), job{Case: "state", World: w, Policy: confine.Policy{Permissions: tt.grant(w)}, Hide: tt.hide})
			for _, want := range tt.want {
				if a.Ended != nil || !strings.Contains(a.Report.String(), want) {
					t.Errorf("got %v\n%v\nwant %q", a, a.Report, want)
				}
			}
			for line := range strings.Lines(a.Report.String()) {
				if strings.Contains(line, tt.not) {
					t.Errorf("got %q", line)
				}
			}
		})
	}
}

func TestApplyTwice(t *testing.T) {
	needLandlock(t, 4)
	a := do(t, os.Getuid(), job{Case: "apply again", World: newWorld(t, os.Getuid())})
	if a.Ended != nil || !slices.Contains([]unix.Errno{unix.EPERM, unix.EACCES}, a.Errno) {
		t.Errorf("got %v, want an error: nothing is given back", a)
	}
}

func TestScope(t *testing.T) {
	needLandlock(t, 6)
	w := newWorld(t, os.Getuid())
	p := confine.Policy{Permissions: permissions{Run: []string{"true"}, Write: []string{w.Granted}}, Temp: w.granted("sub")}
	a := do(t, os.Getuid(), job{Case: "state", World: w, Policy: p, Scope: true})
	// The descriptor of the answer is there still, and so is the end that comes with the host's.
	if want := fmt.Sprintln("killed [] "+w.granted("sub"), false); a.Ended != nil || a.Output != want {
		t.Errorf("got %q and %v, want %q", a.Output, a, want)
	}
}

func TestProbe(t *testing.T) {
	features := confine.Probe()
	names := map[string]bool{}
	for _, f := range features {
		t.Log(f)
		names[f.Name] = true
		if f.Detail == "" || strings.Contains(f.String(), "\n") || f.Have == strings.Contains(f.String(), "not enforced") {
			t.Errorf("got %q", f)
		}
	}
	for _, want := range []string{"files", "emptying files", "TCP", "UDP", "signals", "system calls", "groups"} {
		if !names[want] {
			t.Errorf("%s is not among them", want)
		}
	}
	if _, err := os.ReadDir("/proc"); err != nil {
		t.Errorf("probing has confined: %v", err)
	}
}
