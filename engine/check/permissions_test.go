package check_test

import (
	"testing"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/symbols"
)

// granting is what a package may use that has these permissions.
func granting(granted ...symbols.Group) func(importPath, name string) string {
	has := map[symbols.Group]bool{symbols.Free: true}
	for _, g := range granted {
		has[g] = true
	}
	return func(importPath, name string) string {
		g := symbols.GroupOf(importPath, name)
		switch {
		case has[symbols.All] || has[g]:
			return ""
		case g == symbols.Files:
			return string(symbols.Write)
		}
		return string(g)
	}
}

func needs(pos, what, permission string) string {
	grant := map[string]string{
		"all": "{all: true}", "net": `{net: ["HOST:PORT"]}`, "read": "{read: [PATH]}", "write": "{write: [PATH]}", "env": "{env: [NAME]}",
		"run": "{run: [PROGRAM]}",
	}[permission]
	return "p/p.go:" + pos + ": " + what + " needs the permission " + permission +
		", which is not granted: add permissions: " + grant + " to the package or its source in the configuration"
}

func TestPermissions(t *testing.T) {
	tests := []struct {
		name    string
		granted []symbols.Group
		source  string
		want    []string
	}{
		{"what only computes", nil, `package p
import ("fmt"; "strings"; "time"; "net/url"; "encoding/json"; "context"; "os")
var _ = fmt.Sprint(strings.ToUpper("a"), time.Now(), url.QueryEscape(""), json.Valid(nil), context.TODO(), os.ErrNotExist)
`, nil},
		{"a package as a whole", nil, `package p
import "net/http"
var _ = http.DefaultClient
func f() { http.Get("x"); http.Post("x", "y", nil) }
`, []string{needs("2:8", "package net/http", "net")}},
		{"each group", nil, `package p
import "os"
var (
	_ = os.ReadFile
	_ = os.WriteFile
	_ = os.Getenv
	_ = os.StartProcess
	_ = os.Exit
	_ = os.IsNotExist
)
`, []string{
			needs("4:9", "os.ReadFile", "read"),
			needs("5:9", "os.WriteFile", "write"),
			needs("6:9", "os.Getenv", "env"),
			needs("7:9", "os.StartProcess", "run"),
			needs("8:9", "os.Exit", "all"),
		}},
		{"the net group", nil, `package p
import "net"
var _ = net.ParseIP("::1")
var _, _ = net.Dial("tcp", "x:1")
`, []string{needs("4:16", "net.Dial", "net")}},
		{"once for each symbol", nil, `package p
import "os"
var a, b = os.Getenv("A"), os.Getenv("B")
`, []string{needs("3:15", "os.Getenv", "env")}},
		{"one grant does not open the others", []symbols.Group{symbols.Read}, `package p
import "os"
var _, _ = os.ReadFile("x")
var _ = os.Remove("x")
`, []string{needs("4:12", "os.Remove", "write")}},
		{"grants", []symbols.Group{symbols.Net, symbols.Read, symbols.Write, symbols.Env, symbols.Run}, `package p
import ("os"; "net"; "net/http"; "os/exec"; "path/filepath"; "text/template")
var (
	_ = os.ReadFile
	_ = os.WriteFile
	_ = os.Getenv
	_ = exec.Command
	_ = net.Dial
	_ = http.Get
	_ = filepath.Glob
	_ = template.ParseFiles
)
`, nil},
		{"all", []symbols.Group{symbols.All}, `package p
import ("os"; "os/exec"; "runtime/debug"; "net/http")
var (
	_ = os.Exit
	_ = exec.Command
	_ = debug.SetGCPercent
	_ = http.Handle
)
`, nil},
		{"dot import", nil, `package p
import . "os"
var _, _ = ReadFile("x")
`, []string{needs("3:12", "os.ReadFile", "read")}},
		{"dot import of a whole package", nil, `package p
import . "os/exec"
var _ = Command
`, []string{needs("2:10", "package os/exec", "run")}},
		{"renamed import", nil, `package p
import strings "os"
var _ = strings.Getenv("x")
`, []string{needs("3:17", "os.Getenv", "env")}},
		{"blank import", nil, `package p
import _ "net/http"
import _ "os"
import _ "strings"
`, []string{needs("2:10", "package net/http", "net"), needs("3:10", "package os", "all")}},
		{"files", nil, `package p
import ("path/filepath"; "text/template"; htmltemplate "html/template"; "archive/zip"; "go/parser"; "io/ioutil")
var (
	_ = filepath.Join
	_ = filepath.Glob
	_ = filepath.WalkDir
	_ = template.New
	_ = template.ParseFiles
	_ = htmltemplate.ParseGlob
	_ = zip.OpenReader
	_ = zip.NewReader
	_ = parser.ParseExprFrom
	_ = ioutil.ReadAll
	_ = ioutil.TempFile
)
`, []string{
			needs("5:15", "path/filepath.Glob", "read"),
			needs("6:15", "path/filepath.WalkDir", "read"),
			needs("8:15", "text/template.ParseFiles", "read"),
			needs("9:19", "html/template.ParseGlob", "read"),
			needs("10:10", "archive/zip.OpenReader", "read"),
			needs("12:13", "go/parser.ParseExprFrom", "read"),
			needs("14:13", "io/ioutil.TempFile", "write"),
		}},
		{"methods", nil, `package p
import ("text/template"; "log"; "mime/multipart")
var t = template.Must(template.New("x").Parse("x"))
var _, _ = t.ParseFiles("x")
var _ = t.ParseGlob
var _ = (*template.Template).ParseGlob
func f(l *log.Logger, r *multipart.Reader) {
	l.Print()
	l.Fatal()
	r.ReadForm(1)
}
`, []string{
			needs("4:14", "text/template.Template.ParseFiles", "read"),
			needs("5:11", "text/template.Template.ParseGlob", "read"),
			needs("9:4", "log.Logger.Fatal", "all"),
			needs("10:4", "mime/multipart.Reader.ReadForm", "write"),
		}},
		{"promoted methods", nil, `package p
import "log"
type logger struct{ *log.Logger }
func f(l logger) { l.Fatalf("x") }
`, []string{needs("4:22", "log.Logger.Fatalf", "all")}},
		{"types", nil, `package p
import ("os"; "os/exec"; "net")
type job struct {
	c *exec.Cmd
	n net.Conn
	f *os.File
}
type files interface{ fs() *os.Root }
`, []string{
			needs("2:15", "package os/exec", "run"),
			needs("2:26", "package net", "net"),
			needs("8:32", "os.Root", "read"),
		}},
		{"the program's own names are its own", nil, `package p
type os struct{}
func (os) Exit(int) {}
func ReadFile(string) {}
func f() { os{}.Exit(1); ReadFile("x") }
`, nil},
		{"the process", nil, `package p
import ("runtime"; "flag"; "os/signal"; "log/slog"; "reflect"; "image")
var (
	_ = runtime.GOOS
	_ = runtime.Goexit
	_ = flag.NewFlagSet("x", flag.ContinueOnError)
	_ = flag.ExitOnError
	_ = signal.Notify
	_ = slog.Default
	_ = slog.SetDefault
	_ = reflect.ValueOf
	_ = reflect.NewAt
	_ = image.RegisterFormat
)
`, []string{
			needs("2:28", "package os/signal", "all"),
			needs("5:14", "runtime.Goexit", "all"),
			needs("7:11", "flag.ExitOnError", "all"),
			needs("10:11", "log/slog.SetDefault", "all"),
			needs("12:14", "reflect.NewAt", "all"),
			needs("13:12", "image.RegisterFormat", "all"),
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, errorsOf(t, check.Config{Tree: tree(tt.source), Dir: "p", Missing: granting(tt.granted...)}), tt.want)
		})
	}
}

// What a package imports from the tree has the permissions of the package, no more.
func TestPermissionsOfImports(t *testing.T) {
	got := errorsOf(t, check.Config{Tree: tree(`
-- p/p.go --
package p

import "plugins/q"

var _ = q.Q
-- q/q.go --
package q

import "os"

var Q = os.Getenv("Q")
`), Dir: "p", Missing: granting()})
	want := "q/q.go:5:12: os.Getenv needs the permission env, which is not granted: add permissions: {env: [NAME]} to the package or its source in the configuration"
	diff(t, got, []string{want})
}
