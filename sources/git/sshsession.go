package git

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/pktline"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"golang.org/x/crypto/ssh"

	"github.com/scriptd/scriptd/sources"
)

// sshSession is a git-upload-pack that runs on the other side of an ssh connection. It ends with the connection.
type sshSession struct {
	session *ssh.Session
	stdin   io.WriteCloser
	stdout  io.Reader
	stderr  complaint
	refs    *packp.AdvRefs
}

func startSSH(client *ssh.Client, path string) (*sshSession, error) {
	session, err := client.NewSession()
	if err != nil {
		return nil, err
	}
	s := &sshSession{session: session}
	if s.stdin, err = session.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := session.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.stdout = &limitedBody{ReadCloser: io.NopCloser(stdout), left: maxAnswer}
	session.Stderr = &s.stderr
	return s, session.Start("git-upload-pack " + quoteShell(path))
}

// quoteShell quotes a word for the shell that servers run commands with.
func quoteShell(word string) string {
	return "'" + strings.NewReplacer("'", `'\''`, "!", `'\!'`).Replace(word) + "'"
}

// AdvertisedReferencesContext reads the refs, once. As all of a session, it ends with the connection.
func (s *sshSession) AdvertisedReferencesContext(context.Context) (*packp.AdvRefs, error) {
	if s.refs != nil {
		return s.refs, nil
	}
	ar := packp.NewAdvRefs()
	switch err := ar.Decode(&limitedBody{ReadCloser: io.NopCloser(s.stdout), left: maxRefBytes}); {
	case errors.Is(err, packp.ErrEmptyAdvRefs):
		return nil, transport.ErrEmptyRemoteRepository
	case errors.Is(err, packp.ErrEmptyInput):
		// Nothing came: why is in its standard error, which is complete when the command has ended.
		s.stdin.Close()
		_ = s.session.Wait()
		return nil, s.stderr.explain()
	case err != nil:
		return nil, err
	}
	if ar.IsEmpty() {
		return nil, transport.ErrEmptyRemoteRepository
	}
	transport.FilterUnsupportedCapabilities(ar.Capabilities)
	s.refs = ar
	return ar, nil
}

// UploadPack sends a request.
func (s *sshSession) UploadPack(_ context.Context, req *packp.UploadPackRequest) (*packp.UploadPackResponse, error) {
	if err := req.Validate(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := errors.Join(
		req.UploadRequest.Encode(&out),
		req.UploadHaves.Encode(&out, true),
		pktline.NewEncoder(&out).EncodeString("done\n"),
	); err != nil {
		return nil, err
	}
	if _, err := s.stdin.Write(out.Bytes()); err != nil {
		return nil, err
	}
	res := packp.NewUploadPackResponse(req)
	if err := res.Decode(io.NopCloser(s.stdout)); err != nil {
		return nil, err
	}
	return res, nil
}

// complaint keeps the beginning of what a command writes to its standard error.
type complaint struct{ text bytes.Buffer }

func (c *complaint) Write(p []byte) (int, error) {
	c.text.Write(p[:min(len(p), maxComplaint-c.text.Len())])
	return len(p), nil
}

// explain makes an error of it.
func (c *complaint) explain() error {
	text := c.text.String()
	lower := strings.ToLower(text)
	kind := sources.Transient
	switch {
	case strings.TrimSpace(text) == "":
		return io.ErrUnexpectedEOF
	case strings.Contains(lower, "not found"), strings.Contains(lower, "does not exist"),
		strings.Contains(lower, "not appear to be a git repository"), strings.Contains(lower, "could not be found"):
		kind = sources.NotFound
	case strings.Contains(lower, "denied"), strings.Contains(lower, "not allowed"):
		kind = sources.Denied
	}
	return sources.Fail(kind, printable(errors.New(text)), "the server says")
}
