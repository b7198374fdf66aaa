package symbols

import "strings"

// Group names the permission that a symbol needs.
type Group string

const (
	// Free symbols need no permission: they compute.
	Free Group = ""
	// Net reaches the network.
	Net Group = "net"
	// Read and Write reach files.
	Read  Group = "read"
	Write Group = "write"
	// Env reads environment variables.
	Env Group = "env"
	// Run starts programs.
	Run Group = "run"
	// All is for what reaches into the process itself: signals, exits, the runtime, its arguments.
	All Group = "all"
)

// rules gives a package's symbols their groups: those of the package as a whole under "*", exceptions by name. A
// method is written Type.Method. A package that has no rules is free.
var rules = map[string]map[Group]string{
	"archive/zip":     {Read: "OpenReader"},
	"crypto/tls":      {Net: "Dial DialWithDialer Dialer Listen", Read: "LoadX509KeyPair"},
	"debug/buildinfo": {Read: "ReadFile"},
	"debug/elf":       {Read: "Open"},
	"debug/macho":     {Read: "Open OpenFat"},
	"debug/pe":        {Read: "Open"},
	"debug/plan9obj":  {Read: "Open"},
	"flag":            {All: "*", Free: "NewFlagSet FlagSet ContinueOnError PanicOnError ErrHelp ErrorHandling Flag Value Getter"},
	"go/build":        {Read: "*"},
	"go/importer":     {All: "*"},
	"go/parser":       {Read: "ParseFile ParseDir"},
	"html/template":   {Read: "ParseFiles ParseGlob Template.ParseFiles Template.ParseGlob"},
	"io/ioutil":       {Read: "ReadFile ReadDir", Write: "WriteFile TempFile TempDir"},
	"log":             {All: "Logger.Fatal Logger.Fatalf Logger.Fatalln"},
	"log/slog":        {All: "SetDefault SetLogLoggerLevel"},
	"mime":            {All: "AddExtensionType"},
	"mime/multipart":  {Write: "Reader.ReadForm"},
	"net": {Net: "*", Free: "IP IPMask IPNet IPAddr TCPAddr UDPAddr HardwareAddr Addr Error AddrError ParseError ParseIP ParseCIDR " +
		"ParseMAC SplitHostPort JoinHostPort IPv4 IPv4Mask CIDRMask IPv4len IPv6len IPv4zero IPv6zero IPv6loopback ErrClosed"},
	"net/http":           {Net: "*"},
	"net/http/cgi":       {All: "*"},
	"net/http/cookiejar": {Net: "*"},
	"net/http/fcgi":      {Net: "*"},
	"net/http/httptrace": {Net: "*"},
	"net/http/httputil":  {Net: "*"},
	"net/rpc":            {Net: "*"},
	"net/rpc/jsonrpc":    {Net: "*"},
	"net/smtp":           {Net: "*"},
	"net/textproto":      {Net: "Dial"},
	"os": {
		All: "*",
		Read: "Open ReadFile ReadDir Stat Lstat Readlink DirFS Getwd OpenInRoot UserHomeDir UserCacheDir UserConfigDir " +
			"Hostname Executable TempDir SameFile",
		Write: "Create OpenFile WriteFile Mkdir MkdirAll MkdirTemp CreateTemp Remove RemoveAll Rename Symlink Link Chmod Chown " +
			"Lchown Chtimes Truncate CopyFS OpenRoot Root File.Chmod File.Chown File.Truncate",
		Env: "Getenv LookupEnv Environ ExpandEnv",
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
	"reflect":       {All: "NewAt SliceAt"},
	"runtime": {
		All: "*",
		Free: "GOOS GOARCH Compiler Version NumCPU NumGoroutine Gosched GC Goexit KeepAlive Error TypeAssertionError Caller Callers " +
			"CallersFrames FuncForPC Func Frame Frames",
	},
	"runtime/debug":   {All: "*", Free: "Stack"},
	"runtime/metrics": {All: "*"},
	"runtime/pprof":   {All: "*"},
	"runtime/trace":   {All: "*"},
	"text/template":   {Read: "ParseFiles ParseGlob Template.ParseFiles Template.ParseGlob"},
}

// groups is rules by package and name.
var groups = func() map[string]map[string]Group {
	byPath := make(map[string]map[string]Group, len(rules))
	for importPath, byGroup := range rules {
		byName := make(map[string]Group)
		for group, names := range byGroup {
			for _, name := range strings.Fields(names) {
				byName[name] = group
			}
		}
		byPath[importPath] = byName
	}
	return byPath
}()

// GroupOf returns the permission that a symbol of a package needs. A method is named Type.Method; it needs what its
// type needs where it has no rule of its own.
func GroupOf(importPath, name string) Group {
	byName, ok := groups[importPath]
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

// PackageGroup returns the permission without which nothing of a package can be used; Free where something can. Where
// several permissions open a part of it, Groups lists them.
func PackageGroup(importPath string) Group { return groups[importPath]["*"] }
