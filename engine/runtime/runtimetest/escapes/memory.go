package escapes

import (
	"context"
	"os"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/scriptd/scriptd/engine/runtime"
)

var memory = []escape{
	refused("reflect.NewAt", "reflect", `return "", nil; reflect.NewAt(reflect.TypeOf(0), nil)`, "reflect.NewAt needs the permission all"),
	refused("reflect.SliceAt", "reflect", `reflect.SliceAt(reflect.TypeOf(0), nil, 1); return "", nil`, "reflect.SliceAt needs the permission all"),
	refused("Value.UnsafePointer", "reflect", `x := 1; _ = reflect.ValueOf(&x).UnsafePointer(); return "", nil`, "reflect.Value.UnsafePointer needs the permission all"),
	refused("Value.UnsafePointer by an interface of its own", "reflect unsafe", `x := 1; var p interface { UnsafePointer() unsafe.Pointer } = reflect.ValueOf(&x); _ = p.UnsafePointer(); return "", nil`, "unsafe"),
	refused("Value.UnsafePointer by reflection", "reflect", `x := 1; reflect.ValueOf(reflect.ValueOf(&x)).MethodByName("UnsafePointer").Call(nil); return "", nil`, "permissions: {all: true} to package team/x or its source in the configuration"),
	refused("Value.SetPointer by reflection", "reflect", `x := 1; v := reflect.ValueOf(reflect.ValueOf(&x).Elem()); v.MethodByName("SetPointer").Call([]reflect.Value{reflect.Zero(v.MethodByName("SetPointer").Type().In(0))}); return "", nil`,
		"permissions: {all: true} to package team/x or its source in the configuration"),
	refused("unsafe", "unsafe fmt", `x := 1; return fmt.Sprint(unsafe.Pointer(&x)), nil`, "unsafe"),
	refused("an open file by its number", "os", `return os.NewFile(3, "x").Name(), nil`, "os.NewFile needs the permission all"),
	refused("runtime.MemProfile", "runtime", `runtime.MemProfile(nil, true); return "", nil`, "runtime.MemProfile needs the permission all"),
	refused("runtime/debug", "runtime/debug", `debug.SetMaxStack(1); return "", nil`, "needs the permission all"),
	refused("runtime/pprof", "runtime/pprof", `return "", pprof.StartCPUProfile(nil)`, "needs the permission all"),
	{
		"/proc/self/mem", "os", `f, err := os.OpenFile("/proc/self/mem", os.O_RDWR, 0); if err == nil { f.Close() }; return "", err`, "",
		runtime.Permissions{Read: []string{"/"}, Write: []string{"/"}},
		"permissions: {read: [/proc/self/mem]",
		runtime.Permissions{},
		"",
	},
	{
		"/proc/self/mem to write", "os", `return "", os.WriteFile("/proc/self/mem", nil, 0)`, "",
		runtime.Permissions{Read: []string{"/"}, Write: []string{"/"}},
		"permissions: {write: [/proc/self/mem]",
		runtime.Permissions{},
		"",
	},
	{
		"a link to /proc", "os", `if err := os.Symlink("/proc/self", "DIR/granted/self"); err != nil { return "", err }
	defer os.Remove("DIR/granted/self")
	_, err := os.ReadFile("DIR/granted/self/environ"); return "", err`, "",
		runtime.Permissions{Read: []string{"/"}, Write: []string{"DIR/granted"}},
		"permissions: {read: [/proc/",
		runtime.Permissions{},
		"",
	},
}

// changing is an escape that changes what the process has one of.
func changing(name, imports, body, what string) escape {
	return refused(name, imports, body+`; return "", nil`, "changing "+what+", which the process has one of, needs the permission all, which is not granted: add permissions: {all: true} to package team/x or its source in the configuration")
}

var globals = []escape{
	changing("an error", "io", `io.EOF = nil`, "io.EOF"),
	changing("the source of randomness", "crypto/rand", `rand.Reader = nil`, "crypto/rand.Reader"),
	changing("the time zone", "time", `time.Local = time.UTC`, "time.Local"),
	changing("a variable by its address", "io", `p := &io.EOF; *p = nil`, "io.EOF"),
	changing("an encoding", "encoding/base64", `base64.StdEncoding = base64.URLEncoding`, "encoding/base64.StdEncoding"),
	refused("the default logger", "log/slog", `slog.SetDefault(nil); return "", nil`, "log/slog.SetDefault needs the permission all"),
	refused("the standard output", "os", `os.Stdout = nil; return "", nil`, "os.Stdout needs the permission all"),
	refused("the registry of images", "image", `image.RegisterFormat("x", "x", nil, nil); return "", nil`, "image.RegisterFormat needs the permission all"),
	refused("the registry of gob", "encoding/gob", `gob.Register(1); return "", nil`, "encoding/gob.Register needs the permission all"),
	refused("the drivers of databases", "database/sql", `_, err := sql.Open("x", ""); return "", err`, "database/sql.Open needs the permission all"),
	refused("media types", "mime", `return "", mime.AddExtensionType(".x", "text/x")`, "mime.AddExtensionType needs the permission all"),
	refused("the end of the process", "os", `os.Exit(1); return "", nil`, "os.Exit needs the permission all"),
	refused("signals", "os/signal", `signal.Ignore(); return "", nil`, "os/signal needs the permission all"),
}

// change is a package that changes what each package has for itself, and one that says what it sees of it.
const change = `package p

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
	"unicode"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	if err := r.Add(plugin.Spec{Name: "change"}, change); err != nil {
		return err
	}
	return r.Add(plugin.Spec{Name: "see"}, see)
}

func change(ctx context.Context) (string, error) {
	http.DefaultClient.Timeout = time.Nanosecond
	http.DefaultClient = &http.Client{Timeout: time.Nanosecond}
	http.DefaultTransport = none{}
	http.HandleFunc("/escape", func(http.ResponseWriter, *http.Request) {})
	net.DefaultResolver.StrictErrors = true
	net.DefaultResolver = &net.Resolver{StrictErrors: true}
	unicode.Latin.R16[0].Lo = 0
	return see(ctx)
}

type none struct{}

func (none) RoundTrip(*http.Request) (*http.Response, error) { return nil, http.ErrSkipAltProtocol }

func see(context.Context) (string, error) {
	_, pattern := http.DefaultServeMux.Handler(&http.Request{Method: "GET", Host: "x", URL: &url.URL{Path: "/escape"}})
	_, compiled := http.DefaultTransport.(*http.Transport)
	err := os.Setenv("SCRIPTD_ESCAPE", os.Getenv("SCRIPTD_ESCAPE")+"x")
	return fmt.Sprintln(http.DefaultClient.Timeout, compiled, pattern, net.DefaultResolver.StrictErrors, unicode.Latin.R16[0].Lo, os.Getenv("SCRIPTD_ESCAPE")), err
}
`

// packagesAreApart: what one package changes, neither another nor the host sees.
func packagesAreApart(t *testing.T, start Start) {
	t.Helper()
	w := newWorld(t, start)
	load := func(name string) runtime.Instance {
		inst, err := w.rt.Load(t.Context(), runtime.Package{
			Name: name, Dir: ".", Permissions: runtime.Permissions{Net: []string{"127.0.0.1:1"}, Env: []string{"SCRIPTD_ESCAPE"}},
			Tree: fstest.MapFS{"p.go": {Data: []byte(change)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = inst.Close(context.Background()) })
		return inst
	}
	call := func(inst runtime.Instance, plugin string) any {
		res, err := inst.Call(t.Context(), plugin, nil)
		if err != nil || res.Error != "" {
			t.Fatal(err, res.Error)
		}
		return res.Data
	}
	one, other := load("team/one"), load("team/other")
	if got, want := call(one, "change"), "1ns false /escape true 0 x\n"; got != want {
		t.Errorf("the package itself: got %q, want %q", got, want)
	}
	if got, want := call(other, "see"), "0s true  false 65 x\n"; got != want {
		t.Errorf("another package: got %q, want %q", got, want)
	}
	if unicode.Latin.R16[0].Lo != 'A' || os.Getenv("SCRIPTD_ESCAPE") != "" {
		t.Error("the host sees a change")
	}
}
