package symbols

import (
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
// A process that starts does not wait for them to be made.
var rules = sync.OnceValue(func() map[string]map[Group]string {
	return map[string]map[Group]string{
		"archive/zip":     {Read: "OpenReader", All: "RegisterCompressor RegisterDecompressor"},
		"crypto":          {All: "RegisterHash"},
		"crypto/tls":      {Net: "Dial DialWithDialer Dialer Listen", Read: "LoadX509KeyPair"},
		"crypto/x509":     {All: "SetFallbackRoots"},
		"database/sql":    {All: "Open Register"}, // the drivers are the host's
		"debug/buildinfo": {Read: "ReadFile"},
		"debug/elf":       {Read: "Open"},
		"debug/macho":     {Read: "Open OpenFat"},
		"debug/pe":        {Read: "Open"},
		"debug/plan9obj":  {Read: "Open"},
		"encoding/gob":    {All: "Register RegisterName"},
		"flag":            {All: "*", Free: "NewFlagSet FlagSet ContinueOnError PanicOnError ErrHelp ErrorHandling Flag Value Getter"},
		"go/build":        {All: "*"}, // it runs the go command
		"go/importer":     {All: "*"},
		"go/parser":       {Read: "ParseFile ParseDir ParseExprFrom"},
		"html/template":   {Read: "ParseFiles ParseGlob Template.ParseFiles Template.ParseGlob"},
		"image":           {All: "RegisterFormat"},
		"io/ioutil":       {Read: "ReadFile ReadDir", Write: "WriteFile TempFile TempDir"},
		"log":             {All: "Logger.Fatal Logger.Fatalf Logger.Fatalln"},
		"log/slog":        {All: "SetDefault SetLogLoggerLevel"},
		"mime":            {All: "AddExtensionType"},
		"mime/multipart":  {Write: "Reader.ReadForm"},
		"net": {Net: "*", Free: "IP IPMask IPNet IPAddr TCPAddr UDPAddr HardwareAddr Addr Error AddrError ParseError ParseIP ParseCIDR " +
			"ParseMAC SplitHostPort JoinHostPort IPv4 IPv4Mask CIDRMask IPv4len IPv6len IPv4zero IPv6zero IPv6loopback ErrClosed"},
		"net/http":           {Net: "*", Read: "Dir ServeFile"},
		"net/http/cgi":       {All: "*"},
		"net/http/cookiejar": {Net: "*"},
		"net/http/fcgi":      {Net: "*"},
		"net/http/httptrace": {Net: "*"},
		"net/http/httputil":  {Net: "*", All: "ReverseProxy NewSingleHostReverseProxy"}, // compiled handlers call it, and it dials by itself
		"net/rpc":            {Net: "*", All: "HandleHTTP Server.HandleHTTP"},           // they serve where the host does
		"net/rpc/jsonrpc":    {Net: "*"},
		"net/smtp":           {Net: "*"},
		"net/textproto":      {Net: "Dial"},
		"os": {
			All:   "* File.Chdir",
			Files: "OpenFile",
			Read: "Open ReadFile ReadDir Stat Lstat Readlink DirFS Getwd OpenInRoot UserHomeDir UserCacheDir UserConfigDir " +
				"Hostname Executable TempDir SameFile OpenRoot Root",
			Write: "Create WriteFile Mkdir MkdirAll MkdirTemp CreateTemp Remove RemoveAll Rename Symlink Link Chmod Chown " +
				"Lchown Chtimes Truncate CopyFS File.Chmod File.Chown File.Truncate Root.Create Root.Mkdir Root.MkdirAll Root.Chmod " +
				"Root.Chown Root.Lchown Root.Chtimes Root.Remove Root.RemoveAll Root.Rename Root.Link Root.Symlink Root.WriteFile",
			Env: "Getenv LookupEnv Environ ExpandEnv Setenv Unsetenv Clearenv",
			Run: "StartProcess FindProcess Process ProcAttr ProcessState Interrupt Kill Signal ErrProcessDone",
			Free: "File FileInfo FileMode DirEntry PathError LinkError SyscallError IsExist IsNotExist IsPermission IsTimeout " +
				"IsPathSeparator ErrInvalid ErrPermission ErrExist ErrNotExist ErrClosed ErrDeadlineExceeded ErrNoDeadline Expand " +
				"NewSyscallError PathSeparator PathListSeparator DevNull ModeDir ModeAppend ModeExclusive ModeTemporary ModeSymlink " +
				"ModeDevice ModeNamedPipe ModeSocket ModeSetuid ModeSetgid ModeCharDevice ModeSticky ModeIrregular ModeType " +
				"ModePerm O_RDONLY O_WRONLY O_RDWR O_APPEND O_CREATE O_EXCL O_SYNC O_TRUNC SEEK_SET SEEK_CUR SEEK_END",
		},
		"os/exec":       {Run: "*"},
		"os/signal":     {All: "*"},
		"os/user":       {Read: "*"},
		"path/filepath": {Read: "Glob Walk WalkDir EvalSymlinks Abs"},
		"reflect":       {All: "NewAt SliceAt Value.UnsafePointer Value.SetPointer"},
		"runtime": {
			All: "*",
			Free: "GOOS GOARCH Compiler Version NumCPU NumGoroutine Gosched GC KeepAlive Error TypeAssertionError Caller Callers " +
				"CallersFrames FuncForPC Func Frame Frames",
		},
		"runtime/debug":   {All: "*", Free: "Stack"},
		"runtime/metrics": {All: "*"},
		"runtime/pprof":   {All: "*"},
		"runtime/trace":   {All: "*"},
		"text/template":   {Read: "ParseFiles ParseGlob Template.ParseFiles Template.ParseGlob"},
	}
})

// groups is rules by package and name.
var groups = sync.OnceValue(func() map[string]map[string]Group {
	byPath := make(map[string]map[string]Group, len(rules()))
	for importPath, byGroup := range rules() {
		byName := make(map[string]Group)
		for group, names := range byGroup {
			for name := range strings.FieldsSeq(names) {
				byName[name] = group
			}
		}
		byPath[importPath] = byName
	}
	return byPath
})

// GroupOf returns the permission that a symbol of a package needs. A method is named Type.Method; it needs what its
// type needs where it has no rule of its own.
func GroupOf(importPath, name string) Group {
	byName, ok := groups()[importPath]
	if !ok {
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
