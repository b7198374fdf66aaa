package gitserver

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gliderlabs/ssh"
	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// SSHOptions say how an SSHServer serves.
type SSHOptions struct {
	// HostKeys are the server's own keys. There has to be one.
	HostKeys []gossh.Signer
	// AuthorizedKey is the key that clients must have, Password the password that they may give instead.
	AuthorizedKey gossh.PublicKey
	Password      string
}

// SSHServer serves the bare repositories below a folder over ssh, on a free port of the loopback interface.
type SSHServer struct {
	listener net.Listener
	server   *ssh.Server
	hostKeys []gossh.Signer

	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

// StartSSH serves the repositories below dir, for reading, until Close is called.
func StartSSH(dir string, opts SSHOptions) (*SSHServer, error) {
	if len(opts.HostKeys) == 0 {
		return nil, errors.New("serve git repositories over ssh: no host key")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("serve git repositories over ssh: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with Close
	if err != nil {
		return nil, fmt.Errorf("serve git repositories over ssh: %w", err)
	}
	s := &SSHServer{listener: l, hostKeys: opts.HostKeys}
	s.server = &ssh.Server{
		Handler: func(session ssh.Session) { s.handle(dir, session) },
		PublicKeyHandler: func(_ ssh.Context, key ssh.PublicKey) bool {
			return opts.AuthorizedKey != nil && ssh.KeysEqual(key, opts.AuthorizedKey)
		},
		PasswordHandler: func(_ ssh.Context, password string) bool {
			return opts.Password != "" && same(password, opts.Password)
		},
	}
	for _, key := range opts.HostKeys {
		s.server.AddHostKey(key)
	}
	s.wg.Go(func() { _ = s.server.Serve(l) }) // it ends with Close
	return s, nil
}

// handle runs the one command that a client may run: git-upload-pack, for a repository below dir.
func (s *SSHServer) handle(dir string, session ssh.Session) {
	if !s.begin() {
		return
	}
	defer s.wg.Done()
	args := session.Command()
	if len(args) != 2 || args[0] != "git-upload-pack" {
		fmt.Fprintln(session.Stderr(), "only git-upload-pack is served")
		_ = session.Exit(1)
		return
	}
	repo := filepath.Join(dir, filepath.Clean("/"+args[1]))
	if _, err := os.Stat(repo); err != nil {
		// git itself complains of the owner of what is not there.
		fmt.Fprintf(session.Stderr(), "fatal: '%s' does not appear to be a git repository\n", args[1])
		_ = session.Exit(128)
		return
	}
	cmd := command(session.Context(), dir, "upload-pack", "--strict", repo)
	cmd.Stdout, cmd.Stderr = session, session.Stderr()
	// Not cmd.Stdin: the command may end before the client has said its last, and the client hears of it only then.
	stdin, err := cmd.StdinPipe()
	if err == nil {
		s.wg.Go(func() {
			_, _ = io.Copy(stdin, session)
			stdin.Close()
		})
		err = cmd.Run()
	}
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		code = 1
	}
	_ = session.Exit(code) // the client may be gone
}

// begin counts a session in, unless the server is closed.
func (s *SSHServer) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.wg.Add(1)
	}
	return !s.closed
}

// URL is where the repository of this name is served.
func (s *SSHServer) URL(name string) string {
	return fmt.Sprintf("ssh://git@%s/%s", s.Addr(), name)
}

// Addr is the host and port that the server listens on.
func (s *SSHServer) Addr() string { return s.listener.Addr().String() }

// KnownHosts is the content of a known_hosts file with all keys of the server, for clients that reach it at addr.
func (s *SSHServer) KnownHosts(addr string) string {
	var b strings.Builder
	for _, key := range s.hostKeys {
		b.WriteString(knownhosts.Line([]string{knownhosts.Normalize(addr)}, key.PublicKey()))
		b.WriteByte('\n')
	}
	return b.String()
}

// Close ends the server with all connections, and waits for the commands it runs.
func (s *SSHServer) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.listener.Close() // the server may not have come to know it yet
	_ = s.server.Close()
	s.wg.Wait()
}
