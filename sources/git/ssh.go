package git

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"

	"github.com/scriptd/scriptd/sources"
)

func (s *Source) openSSH(ctx context.Context) (origin, error) {
	config, err := s.sshConfig()
	if err != nil {
		return nil, err
	}
	sources.CountRequest(ctx)
	conn, err := s.dialer.DialContext(ctx, "tcp", s.remote.host)
	if err != nil {
		return nil, err
	}
	// The ssh package knows no contexts: what it waits for ends with the connection.
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	end := func() {
		stop()
		conn.Close()
	}
	if err := conn.SetDeadline(time.Now().Add(2 * connectTimeout)); err != nil {
		end()
		return nil, err
	}
	c, channels, requests, err := ssh.NewClientConn(conn, s.remote.host, config)
	if err != nil {
		end()
		return nil, err
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		end()
		return nil, err
	}
	client := ssh.NewClient(c, channels, requests)
	session, err := startSSH(client, s.remote.path)
	if err != nil {
		end()
		return nil, err
	}
	return smartOrigin{session: session, end: func() {
		end()
		_ = client.Wait() // it says that the connection was closed
	}}, nil
}

// sshConfig reads the key, or the password, and the servers that are known.
func (s *Source) sshConfig() (*ssh.ClientConfig, error) {
	config := &ssh.ClientConfig{User: s.opts.Username}
	if config.User == "" {
		config.User = s.remote.user
	}
	if config.User == "" {
		config.User = "git"
	}
	password := s.remote.password
	if s.opts.Password.IsSet() {
		var err error
		if password, err = s.opts.Password.Reveal(); err != nil {
			return nil, err
		}
	}
	if s.opts.SSHKey.IsSet() {
		key, err := s.sshKey()
		if err != nil {
			return nil, err
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(key))
	}
	if password != "" {
		config.Auth = append(config.Auth, ssh.Password(password))
	}
	if len(config.Auth) == 0 {
		return nil, sources.Fail(sources.Misconfigured, errors.New("ssh needs an ssh_key or a password"), "authenticate")
	}
	known, err := s.knownHosts()
	if err != nil {
		return nil, err
	}
	config.HostKeyCallback = known.HostKeyCallback()
	// Without these, a server with several keys may show one that the file does not have.
	config.HostKeyAlgorithms = known.HostKeyAlgorithms(s.remote.host)
	return config, nil
}

func (s *Source) sshKey() (ssh.Signer, error) {
	pem, err := s.opts.SSHKey.Reveal()
	if err != nil {
		return nil, err
	}
	passphrase, err := s.opts.SSHKeyPassphrase.Reveal()
	if err != nil {
		return nil, err
	}
	var key ssh.Signer
	if passphrase == "" {
		key, err = ssh.ParsePrivateKey([]byte(pem))
	} else {
		key, err = ssh.ParsePrivateKeyWithPassphrase([]byte(pem), []byte(passphrase))
	}
	if _, ok := errors.AsType[*ssh.PassphraseMissingError](err); ok {
		err = errors.New("it is encrypted: set ssh_key_passphrase")
	}
	return key, sources.Fail(sources.Misconfigured, err, "read the ssh key")
}

// knownHosts reads the file that is configured, else the usual ones.
func (s *Source) knownHosts() (*knownhosts.HostKeyDB, error) {
	files := []string{s.opts.KnownHosts}
	if s.opts.KnownHosts == "" {
		files = nil
		usual := []string{"/etc/ssh/ssh_known_hosts"}
		if home, err := os.UserHomeDir(); err == nil {
			usual = append(usual, filepath.Join(home, ".ssh", "known_hosts"))
		}
		for _, file := range usual {
			if _, err := os.Stat(file); err == nil {
				files = append(files, file)
			}
		}
	}
	if len(files) == 0 {
		return nil, sources.Fail(sources.Misconfigured, errors.New("there is none: set known_hosts"), "read known_hosts")
	}
	known, err := knownhosts.NewDB(files...)
	return known, sources.Fail(sources.Misconfigured, err, "read known_hosts")
}

// classifyHostKey explains why a server is not trusted, where that is what err says.
func classifyHostKey(err error) error {
	switch {
	case knownhosts.IsHostKeyChanged(err):
		return errors.New("the server's key is not the one in known_hosts: either it changed, or this is not the server")
	case knownhosts.IsHostUnknown(err):
		return errors.New("the server is not in known_hosts")
	}
	return nil
}
