package symbols

import (
	"slices"
	"strings"
	"sync"
)

// Group names the permission that a symbol needs.
type Group string

const (
	// Free symbols need no permission: they compute.
	Free Group = ""
	// Net reaches the network.
	Net Group = "net"
	// Read reads files.
	Read Group = "read"
	// Write changes them.
	Write Group = "write"
	// Files opens files for what its arguments say: it needs Read or Write, and is held to them when it is called.
	Files Group = "read or write"
	// Env reads environment variables.
	Env Group = "env"
	// Run starts programs.
	Run Group = "run"
	// All is for what reaches into the process itself: signals, exits, the runtime, its memory, its arguments, and what all
	// packages of a process share, as the registries of image formats and compressors.
	All Group = "all"
)

// rules gives a package's symbols their groups: those of the package as a whole under "*", exceptions by name. A
// method is written Type.Method. A package that has no rules is free.
//
// They go by the names that a source writes down, and tell its author what to ask for. What a package does with what it was
// granted, and what it reaches without writing its name, by reflection or through an interface with a method of the
// right name, is up to what it is given in place of compiled functions: see engine/interp/guard.
//
// They are sorted by path, and need no initialisation when a process starts.
var rules = [...]rule{
	{"archive/zip", []grant{{Read, "OpenReader"}, {All, "RegisterCompressor RegisterDecompressor"}}},
	{"crypto", []grant{{All, "RegisterHash"}}},
	{"crypto/tls", []grant{{Net, "Dial DialWithDialer Dialer Listen"}, {Read, "LoadX509KeyPair"}}},
	{"crypto/x509", []grant{{All, "SetFallbackRoots"}}},
	{"database/sql", []grant{{All, "Open Register"}}}, // the drivers are the host's
	{"debug/buildinfo", []grant{{Read, "ReadFile"}}},
	{"debug/elf", []grant{{Read, "Open"}}},
	{"debug/macho", []grant{{Read, "Open OpenFat"}}},
	{"debug/pe", []grant{{Read, "Open"}}},
	{"debug/plan9obj", []grant{{Read, "Open"}}},
	{"encoding/gob", []grant{{All, "Register RegisterName"}}},
	{"flag", []grant{{All, "*"}, {Free, "NewFlagSet FlagSet ContinueOnError PanicOnError ErrHelp ErrorHandling Flag Value Getter"}}},
	{"go/build", []grant{{All, "*"}}}, // it runs the go command
	{"go/importer", []grant{{All, "*"}}},
	{"go/parser", []grant{{Read, "ParseFile ParseDir ParseExprFrom"}}},
	{"html/template", []grant{{Read, "ParseFiles ParseGlob Template.ParseFiles Template.ParseGlob"}}},
	{"image", []grant{{All, "RegisterFormat"}}},
	{"io/ioutil", []grant{{Read, "ReadFile ReadDir"}, {Write, "WriteFile TempFile TempDir"}}},
	{"log", []grant{{All, "Logger.Fatal Logger.Fatalf Logger.Fatalln"}}},
	{"log/slog", []grant{{All, "SetDefault SetLogLoggerLevel"}}},
	{"mime", []grant{{All, "AddExtensionType"}}},
	{"mime/multipart", []grant{{Write, "Reader.ReadForm"}}},
	{"net", []grant{{Net, "*"}, {Free, "IP IPMask IPNet IPAddr TCPAddr UDPAddr HardwareAddr Addr Error AddrError ParseError ParseIP ParseCIDR " +
		"ParseMAC SplitHostPort JoinHostPort IPv4 IPv4Mask CIDRMask IPv4len IPv6len IPv4zero IPv6zero IPv6loopback ErrClosed"}}},
	{"net/http", []grant{{Net, "*"}, {Read, "Dir ServeFile"}}},
	{"net/http/cgi", []grant{{All, "*"}}},
	{"net/http/cookiejar", []grant{{Net, "*"}}},
	{"net/http/fcgi", []grant{{Net, "*"}}},
	{"net/http/httptrace", []grant{{Net, "*"}}},
	{"net/http/httputil", []grant{{Net, "*"}, {All, "ReverseProxy NewSingleHostReverseProxy"}}}, // compiled handlers call it, and it dials by itself
	{"net/rpc", []grant{{Net, "*"}, {All, "HandleHTTP Server.HandleHTTP"}}},                     // they serve where the host does
	{"net/rpc/jsonrpc", []grant{{Net, "*"}}},
	{"net/smtp", []grant{{Net, "*"}}},
	{"net/textproto", []grant{{Net, "Dial"}}},
	{"os", []grant{
		{All, "* File.Chdir"},
		{Files, "OpenFile"},
		{Read, "Open ReadFile ReadDir Stat Lstat Readlink DirFS Getwd OpenInRoot UserHomeDir UserCacheDir UserConfigDir " +
			"Hostname Executable TempDir SameFile OpenRoot Root"},
		{Write, "Create WriteFile Mkdir MkdirAll MkdirTemp CreateTemp Remove RemoveAll Rename Symlink Link Chmod Chown " +
			"Lchown Chtimes Truncate CopyFS File.Chmod File.Chown File.Truncate Root.Create Root.Mkdir Root.MkdirAll Root.Chmod " +
			"Root.Chown Root.Lchown Root.Chtimes Root.Remove Root.RemoveAll Root.Rename Root.Link Root.Symlink Root.WriteFile"},
		{Env, "Getenv LookupEnv Environ ExpandEnv Setenv Unsetenv Clearenv"},
		{Run, "StartProcess FindProcess Process ProcAttr ProcessState Interrupt Kill Signal ErrProcessDone"},
		{Free, "File FileInfo FileMode DirEntry PathError LinkError SyscallError IsExist IsNotExist IsPermission IsTimeout " +
			"IsPathSeparator ErrInvalid ErrPermission ErrExist ErrNotExist ErrClosed ErrDeadlineExceeded ErrNoDeadline Expand " +
			"NewSyscallError PathSeparator PathListSeparator DevNull ModeDir ModeAppend ModeExclusive ModeTemporary ModeSymlink " +
			"ModeDevice ModeNamedPipe ModeSocket ModeSetuid ModeSetgid ModeCharDevice ModeSticky ModeIrregular ModeType " +
			"ModePerm O_RDONLY O_WRONLY O_RDWR O_APPEND O_CREATE O_EXCL O_SYNC O_TRUNC SEEK_SET SEEK_CUR SEEK_END"},
	}},
	{"os/exec", []grant{{Run, "*"}}},
	{"os/signal", []grant{{All, "*"}}},
	{"os/user", []grant{{Read, "*"}}},
	{"path/filepath", []grant{{Read, "Glob Walk WalkDir EvalSymlinks Abs"}}},
	{"reflect", []grant{{All, "NewAt SliceAt Value.UnsafePointer Value.SetPointer"}}},
	{"runtime", []grant{
		{All, "*"},
		{Free, "GOOS GOARCH Compiler Version NumCPU NumGoroutine Gosched GC KeepAlive Error TypeAssertionError Caller Callers " +
			"CallersFrames FuncForPC Func Frame Frames"},
	}},
	{"runtime/debug", []grant{{All, "*"}, {Free, "Stack"}}},
	{"runtime/metrics", []grant{{All, "*"}}},
	{"runtime/pprof", []grant{{All, "*"}}},
	{"runtime/trace", []grant{{All, "*"}}},
	{"text/template", []grant{{Read, "ParseFiles ParseGlob Template.ParseFiles Template.ParseGlob"}}},
}

// rule gives the symbols of a package their groups, and grant is one of these, with names that are separated by spaces.
type (
	rule struct {
		path   string
		groups []grant
	}
	grant struct {
		group Group
		names string
	}
)

// named are the groups by name, of each rule, once somebody has asked for it.
var named [len(rules)]struct {
	once   sync.Once
	groups map[string]Group
}

// groupsOf returns the groups of a package's symbols by name; nil where it has no rule.
func groupsOf(importPath string) map[string]Group {
	i, found := slices.BinarySearchFunc(rules[:], importPath, func(r rule, path string) int { return strings.Compare(r.path, path) })
	if !found {
		return nil
	}
	n := &named[i]
	n.once.Do(func() {
		n.groups = make(map[string]Group)
		for _, g := range rules[i].groups {
			for name := range strings.FieldsSeq(g.names) {
				n.groups[name] = g.group
			}
		}
	})
	return n.groups
}

// GroupOf returns the permission that a symbol of a package needs. A method is named Type.Method; it needs what its
// type needs where it has no rule of its own.
func GroupOf(importPath, name string) Group {
	byName := groupsOf(importPath)
	if byName == nil {
		return Free
	}
	if g, ok := byName[name]; ok {
		return g
	}
	if typeName, _, isMethod := strings.Cut(name, "."); isMethod {
		return GroupOf(importPath, typeName)
	}
	return byName["*"]
}
