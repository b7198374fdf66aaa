//go:build linux

package confine_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/scriptd/scriptd/engine/runtime"
)

// world is what there is around a child to escape to.
type world struct {
	// Dir is a folder of the host's, with a file secret; Granted is one in it, with a file, a link to secret, and a folder sub.
	Dir, Granted string
	// Ports that somebody listens on.
	TCP, OtherTCP, UDP int
	// HTTP is a port of a web server.
	HTTP int
	// Free is a port that nobody listens on.
	Free int
	// Sockets of the host, by path and by abstract name.
	Unix, UnixPacket, Abstract string
	Parent                     int
	// Group is for children that lead a group of processes.
	Group bool
}

const (
	secret         = "the host's"
	secretVariable = "CONFINE_TEST_SECRET"
)

func (w world) secret() string { return filepath.Join(w.Dir, "secret") }
func (w world) granted(s ...string) string {
	return filepath.Join(append([]string{w.Granted}, s...)...)
}

// own is a file that belongs to the user of the child, who could do to it what its owner can.
func (w world) own() string { return filepath.Join(w.Dir, "own") }

// newWorld makes a world around children of a user.
func newWorld(t *testing.T, uid int) world {
	t.Helper()
	w := world{Dir: t.TempDir(), Parent: os.Getpid(), Group: true}
	w.Granted = filepath.Join(w.Dir, "granted")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(w.granted("sub"), 0o777))
	must(os.WriteFile(w.secret(), []byte(secret), 0o666))
	must(os.WriteFile(w.granted("file"), []byte("granted"), 0o666))
	must(os.WriteFile(w.own(), nil, 0o600))
	must(os.Chown(w.own(), uid, -1))
	must(os.Symlink("../secret", w.granted("link")))
	must(os.Chmod(filepath.Dir(w.Dir), 0o711))
	for _, path := range []string{w.Dir, w.Granted, w.granted("sub"), w.secret(), w.granted("file")} {
		must(os.Chmod(path, 0o777)) // for children of another user
	}
	w.TCP, w.OtherTCP, w.Free = listen(t), listen(t), freePort(t)
	w.HTTP = serveHTTP(t)
	packets, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	must(err)
	t.Cleanup(func() { packets.Close() })
	w.UDP = packets.LocalAddr().(*net.UDPAddr).Port
	w.Unix, w.UnixPacket = filepath.Join(w.Dir, "s"), filepath.Join(w.Dir, "p")
	w.Abstract = fmt.Sprintf("@confine-test-%d-%d", os.Getpid(), w.TCP)
	for _, name := range []string{w.Unix, w.Abstract} {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", name)
		must(err)
		t.Cleanup(func() { l.Close() })
	}
	unixPackets, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "unixgram", w.UnixPacket)
	must(err)
	t.Cleanup(func() { unixPackets.Close() })
	must(os.Chmod(w.Unix, 0o777))
	must(os.Chmod(w.UnixPacket, 0o777))
	return w
}

// listen returns a port on which connections are answered with a line.
func listen(t *testing.T) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprintln(c, "hello")
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().(*net.TCPAddr).Port
}

// serveHTTP returns the port of a web server that says hello.
func serveHTTP(t *testing.T) int {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	t.Cleanup(s.Close)
	return s.Listener.Addr().(*net.TCPAddr).Port
}

// freePort returns a port on which nobody listens.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// grant is what of the world is granted.
type grant func(world) runtime.Permissions

type permissions = runtime.Permissions

func nothing(world) runtime.Permissions { return runtime.Permissions{} }

// everything is all that can be granted and is not All.
func everything(world) runtime.Permissions {
	return runtime.Permissions{Net: []string{"*:*"}, Read: []string{"/"}, Write: []string{"/"}, Env: []string{"*"}, Run: []string{"*"}}
}

func readGranted(w world) runtime.Permissions { return runtime.Permissions{Read: []string{w.Granted}} }

func writeGranted(w world) runtime.Permissions {
	return runtime.Permissions{Write: []string{w.Granted}}
}
func readDir(w world) runtime.Permissions  { return runtime.Permissions{Read: []string{w.Dir}} }
func writeDir(w world) runtime.Permissions { return runtime.Permissions{Write: []string{w.Dir}} }
func read(path string) grant {
	return func(world) runtime.Permissions { return runtime.Permissions{Read: []string{path}} }
}

func netTCP(w world) runtime.Permissions {
	return runtime.Permissions{Net: []string{fmt.Sprintf("127.0.0.1:%d", w.TCP)}}
}

func netOther(w world) runtime.Permissions {
	return runtime.Permissions{Net: []string{fmt.Sprintf("127.0.0.1:%d", w.OtherTCP)}}
}

func netFree(w world) runtime.Permissions {
	return runtime.Permissions{Net: []string{fmt.Sprintf("127.0.0.1:%d", w.Free)}}
}

func netElsewhere(world) runtime.Permissions {
	return runtime.Permissions{Net: []string{"example.com:443"}}
}
func runTrue(world) runtime.Permissions { return runtime.Permissions{Run: []string{"true"}} }

// raw makes a system call.
func raw(number uintptr, args ...uintptr) error {
	var a [6]uintptr
	copy(a[:], args)
	if _, _, errno := unix.Syscall6(number, a[0], a[1], a[2], a[3], a[4], a[5]); errno != 0 {
		return errno
	}
	return nil
}
