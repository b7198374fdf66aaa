package confine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// What is granted of a file, and what of a folder and all below it. Whoever may write may read what is there: os.Create
// opens for both.
const (
	readFile  = ll.AccessFSReadFile
	readDir   = readFile | ll.AccessFSReadDir
	writeFile = readFile | ll.AccessFSWriteFile | ll.AccessFSTruncate
	writeDir  = readDir | writeFile | ll.AccessFSRemoveDir | ll.AccessFSRemoveFile | ll.AccessFSMakeDir | ll.AccessFSMakeReg |
		ll.AccessFSMakeSym | ll.AccessFSMakeFifo | ll.AccessFSRefer
	runFile = readFile | ll.AccessFSExecute
	runDir  = readDir | ll.AccessFSExecute
)

// onlyDir are the rights that there are for folders alone.
const onlyDir = writeDir &^ writeFile

// fileRule allows something of a file, or of a folder and all below it.
type fileRule struct {
	path   string
	access uint64
}

// fileRules collects what a policy allows of files.
type fileRules struct {
	rules   []fileRule
	ignored []string
}

// add grants access to what is at a path now. What is not there is left out.
func (f *fileRules) add(access uint64, paths ...string) {
	for _, path := range paths {
		f.put(access, path)
	}
}

// put grants access to what is at a path, and reports whether there is anything.
func (f *fileRules) put(access uint64, path string) bool {
	var is unix.Stat_t
	err := unix.Stat(path, &is)
	for errors.Is(err, unix.EINTR) { // of some file systems, for signals by which goroutines are interrupted
		err = unix.Stat(path, &is)
	}
	if err != nil {
		return false
	}
	if is.Mode&unix.S_IFMT != unix.S_IFDIR {
		access &^= onlyDir
	}
	f.rules = append(f.rules, fileRule{path, access})
	return true
}

// grant adds the paths of a permission. One where there is nothing is noted.
func (f *fileRules) grant(permission string, access uint64, paths []string) error {
	for _, path := range paths {
		if !filepath.IsAbs(path) {
			return fmt.Errorf("%s: %q is not an absolute path", permission, path)
		}
		if !f.put(access, path) {
			f.ignored = append(f.ignored, fmt.Sprintf("%s %s: there is nothing now, and what comes is not granted: grant its folder",
				permission, path))
		}
	}
	return nil
}

// always are public files that compiled code of the standard library reads when it is asked something.
var always = []string{
	"/etc/localtime", "/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo",
	"/etc/mime.types", "/etc/apache2/mime.types", "/etc/apache/mime.types", "/etc/httpd/conf/mime.types",
	"/usr/share/mime/globs2", "/usr/local/share/mime/globs2",
	// Certificates. Their folder may have private keys beside them: those are left out.
	"/etc/ssl/certs", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem", "/etc/ssl/openssl.cnf", "/usr/share/ca-certificates",
	"/usr/local/share/ca-certificates", "/etc/pki/tls/certs", "/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted",
	"/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
}

// variables name more of these.
var variables = []string{"ZONEINFO", "SSL_CERT_FILE", "SSL_CERT_DIR"}

// resolver are the files that say how names become addresses.
var resolver = []string{
	"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols",
}

// resolverFolders are where resolv.conf may lead. It is replaced as networks come and go, so its folder is what counts.
var resolverFolders = []string{"/run/systemd/resolve", "/run/NetworkManager", "/run/resolvconf", "/run/connman"}

// newFileRules returns what a policy allows of files.
func newFileRules(p Policy, net network) (fileRules, error) {
	var f fileRules
	f.add(readDir, always...)
	f.add(writeFile, "/dev/null")
	for _, name := range variables {
		for path := range strings.SplitSeq(os.Getenv(name), ":") {
			if filepath.IsAbs(path) {
				f.add(readDir, path)
			}
		}
	}
	if net.granted {
		f.add(readDir, resolver...)
		if target, err := filepath.EvalSymlinks("/etc/resolv.conf"); err == nil && slices.Contains(resolverFolders, filepath.Dir(target)) {
			f.add(readDir, filepath.Dir(target))
		}
	}
	g := p.Permissions
	var execute uint64
	if slices.Contains(g.Run, everyProgram) {
		execute = ll.AccessFSExecute
	}
	if err := f.grant("read", readDir|execute, g.Read); err != nil {
		return f, err
	}
	if err := f.grant("write", writeDir|execute, g.Write); err != nil {
		return f, err
	}
	if err := f.grant("its own needs", readDir, p.Read); err != nil {
		return f, err
	}
	if p.Temp != "" && len(g.Write) > 0 {
		if err := f.grant("temp", writeDir|execute, []string{p.Temp}); err != nil {
			return f, err
		}
	}
	f.programs(g.Run)
	return f, nil
}
