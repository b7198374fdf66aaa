package symbols

import (
	"bytes"
	"go/types"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/symbols/stdlib"
)

// A rule for a name that does not exist allows or denies nothing: it is a slip, or the release has renamed it.
func TestRulesNameWhatExists(t *testing.T) {
	for i, r := range rules {
		if i > 0 && rules[i-1].path >= r.path {
			t.Errorf("%s does not come before %s", rules[i-1].path, r.path)
		}
		path := r.path
		pkg, err := Std().Import(path)
		if err != nil {
			t.Errorf("rules for %s: %v", path, err)
			continue
		}
		seen := make(map[string]Group)
		for _, g := range r.groups {
			for name := range strings.FieldsSeq(g.names) {
				if other, twice := seen[name]; twice {
					t.Errorf("%s.%s is in %q and in %q", path, name, other, g.group)
				}
				seen[name] = g.group
				if name != "*" && !exists(pkg, name) {
					t.Errorf("%s.%s does not exist", path, name)
				}
			}
		}
	}
}

func exists(pkg *types.Package, name string) bool {
	typeName, method, isMethod := strings.Cut(name, ".")
	obj := pkg.Scope().Lookup(typeName)
	if obj == nil || !isMethod {
		return obj != nil
	}
	found, _, _ := types.LookupFieldOrMethod(types.NewPointer(obj.Type()), true, pkg, method)
	_, ok := found.(*types.Func)
	return ok
}

// reaching lists, for each package through which the world outside can be reached, or the host changed, symbols that
// do so. The list is kept by hand.
var reaching = map[string]string{
	"archive/zip":        "OpenReader RegisterCompressor RegisterDecompressor",
	"crypto":             "RegisterHash",
	"crypto/tls":         "Dial DialWithDialer Dialer.Dial Dialer.DialContext Listen LoadX509KeyPair",
	"crypto/x509":        "SetFallbackRoots",
	"database/sql":       "Open Register",
	"debug/buildinfo":    "ReadFile",
	"debug/elf":          "Open",
	"debug/macho":        "Open OpenFat",
	"debug/pe":           "Open",
	"debug/plan9obj":     "Open",
	"encoding/gob":       "Register RegisterName",
	"flag":               "Parse CommandLine String ExitOnError",
	"go/build":           "Import ImportDir Default Context.Import Context.MatchFile",
	"go/importer":        "Default For ForCompiler",
	"go/parser":          "ParseFile ParseDir ParseExprFrom",
	"html/template":      "ParseFiles ParseGlob Template.ParseFiles Template.ParseGlob",
	"image":              "RegisterFormat",
	"io/ioutil":          "ReadFile ReadDir WriteFile TempFile TempDir",
	"log":                "Logger.Fatal Logger.Fatalf Logger.Fatalln",
	"log/slog":           "SetDefault SetLogLoggerLevel",
	"mime":               "AddExtensionType",
	"mime/multipart":     "Reader.ReadForm",
	"net":                "Dial Listen Dialer Dialer.Dial ListenConfig Resolver DefaultResolver LookupHost Interfaces ListenPacket FileConn",
	"net/http":           "Get Post Client Client.Do Transport DefaultClient DefaultTransport ListenAndServe Server Serve Dir ServeFile Handle",
	"net/http/cgi":       "Handler Serve Request",
	"net/http/cookiejar": "New",
	"net/http/fcgi":      "Serve",
	"net/http/httptrace": "WithClientTrace",
	"net/http/httputil":  "ReverseProxy DumpRequestOut",
	"net/rpc":            "Dial DialHTTP Register HandleHTTP Accept Server.HandleHTTP",
	"net/rpc/jsonrpc":    "Dial",
	"net/smtp":           "Dial SendMail",
	"net/textproto":      "Dial",
	"os": "Open OpenFile ReadFile WriteFile Create Remove RemoveAll Mkdir Rename ReadDir Stat Lstat DirFS OpenRoot Root.Open CopyFS Chdir " +
		"Getenv LookupEnv Environ ExpandEnv Setenv Unsetenv Clearenv StartProcess FindProcess Process.Kill Process.Signal Exit Pipe NewFile " +
		"Stdin Stdout Stderr Args Getpid Hostname Executable File.Chdir File.Chmod File.Truncate",
	"os/exec":         "Command CommandContext Cmd LookPath",
	"os/signal":       "Notify NotifyContext Ignore Reset",
	"os/user":         "Current Lookup LookupId LookupGroup",
	"path/filepath":   "Glob Walk WalkDir EvalSymlinks Abs",
	"reflect":         "NewAt SliceAt Value.UnsafePointer Value.SetPointer",
	"runtime":         "Goexit SetFinalizer LockOSThread GOMAXPROCS ReadMemStats Breakpoint Stack",
	"runtime/debug":   "SetGCPercent SetMemoryLimit SetMaxStack SetMaxThreads SetPanicOnFault FreeOSMemory WriteHeapDump SetCrashOutput PrintStack",
	"runtime/metrics": "Read",
	"runtime/pprof":   "StartCPUProfile WriteHeapProfile Lookup",
	"runtime/trace":   "Start",
	"text/template":   "ParseFiles ParseGlob Template.ParseFiles Template.ParseGlob",
}

func TestWhatReachesOutIsNotFree(t *testing.T) {
	for path, names := range reaching {
		pkg, err := Std().Import(path)
		if err != nil {
			t.Error(err)
			continue
		}
		for name := range strings.FieldsSeq(names) {
			if !exists(pkg, name) {
				t.Errorf("%s.%s does not exist", path, name)
			}
			if GroupOf(path, name) == Free {
				t.Errorf("%s.%s is free", path, name)
			}
		}
	}
	for _, r := range rules {
		if reaching[r.path] == "" {
			t.Errorf("%s has rules, and is not in the list of this test", r.path)
		}
	}
}

// harmless are packages that import what reaches out, and let nobody else do so: they write to standard error, look at
// the time zones or the system's certificates, or use an error's type. The list is kept by hand.
var harmless = strings.Fields("archive/tar fmt go/ast go/printer go/scanner go/types net/mail testing/iotest text/scanner time")

// A package of a new release, or one that begins to use the system, has to be looked at.
func TestPackagesThatUseTheSystemAreKnown(t *testing.T) {
	list := exec.CommandContext(t.Context(), "go", append([]string{"list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}"}, stdlib.Paths()...)...)
	var stderr bytes.Buffer
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, stderr.Bytes())
	}
	system := strings.Fields("os os/exec os/user os/signal net net/http syscall path/filepath internal/poll internal/syscall/unix runtime/debug go/build log io/ioutil")
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		path, imports := fields[0], fields[1:]
		uses := slices.ContainsFunc(imports, func(i string) bool { return slices.Contains(system, i) })
		if uses && reaching[path] == "" && !slices.Contains(harmless, path) {
			t.Errorf("%s imports %s, and is in neither list of this test", path, strings.Join(imports, " "))
		}
	}
}

func TestGroupOf(t *testing.T) {
	tests := []struct {
		path, name string
		want       Group
	}{
		{"strings", "ToUpper", Free},
		{"strings", "Builder.WriteString", Free},
		{"os", "*", All},
		{"os", "ReadFile", Read},
		{"os", "WriteFile", Write},
		{"os", "Getenv", Env},
		{"os", "StartProcess", Run},
		{"os", "Exit", All},
		{"os", "ErrNotExist", Free},
		{"os", "File.Read", Free},      // what its type needs
		{"os", "File.Truncate", Write}, // a rule of its own
		{"os", "Process.Kill", Run},    // what its type needs
		{"os", "OpenFile", Files},
		{"os", "Root.Open", Read},
		{"os", "Root.Create", Write},
		{"reflect", "Value.Pointer", Free},
		{"reflect", "Value.UnsafePointer", All},
		{"os", "NoSuchThing", All}, // what the package needs
		{"os", "NoSuchThing.Close", All},
		{"net", "ParseIP", Free},
		{"net", "Dial", Net},
		{"net", "*", Net},
		{"net/http", "Get", Net},
		{"net/http", "Dir", Read},
		{"net/url", "Parse", Free},
		{"text/template", "New", Free},
		{"text/template", "ParseFiles", Read},
		{"text/template", "Template.ParseGlob", Read},
		{"text/template", "Template.Parse", Free},
		{"path/filepath", "Join", Free},
		{"path/filepath", "Glob", Read},
		{"example.com/unknown", "X", Free},
	}
	for _, tt := range tests {
		if got := GroupOf(tt.path, tt.name); got != tt.want {
			t.Errorf("%s.%s: %q, want %q", tt.path, tt.name, got, tt.want)
		}
	}
}
