package git

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"

	"github.com/scriptd/scriptd/sources"
)

// classify returns the kind of an error of git or of the network, and the error in plain words where git's are not, or
// hold more than should be shown: its errors repeat addresses and whole pages of HTML.
func (s *Source) classify(err error) (sources.Kind, error) {
	err = bare(err)
	if known, ok := errors.AsType[*sources.Error](err); ok {
		return known.Kind, err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return sources.Transient, err
	}
	if hostKey := classifyHostKey(err); hostKey != nil {
		return sources.Misconfigured, hostKey
	}
	switch {
	case errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrAuthorizationFailed):
		return sources.Denied, s.denied()
	case errors.Is(err, transport.ErrRepositoryNotFound):
		return sources.NotFound, s.notFound()
	case errors.Is(err, transport.ErrEmptyRemoteRepository):
		return sources.NotFound, errors.New("it has no commits")
	}
	if status, ok := errors.AsType[*sources.StatusError](err); ok {
		return sources.Transient, status
	}
	if status, ok := errors.AsType[*githttp.Err](err); ok {
		return sources.Transient, sources.NewStatusError(status.StatusCode(), status.Response.Header, time.Now())
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "unable to authenticate"):
		return sources.Denied, s.denied()
	case strings.Contains(text, "not our ref"), strings.Contains(text, "not valid"):
		return sources.NotFound, errors.New("the server has no such commit, or no ref leads to it any more")
	}
	return sources.Transient, printable(err)
}

// bare drops go-git's wrapper, which hides what is in it, and the URL of the http client: it may hold what a redirect
// put there, and the repository is named already.
func bare(err error) error {
	if u, ok := errors.AsType[*plumbing.UnexpectedError](err); ok {
		err = u.Err
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return err
}

// printable makes an error that repeats what a server sent fit for a log.
func printable(err error) error {
	text := err.Error()
	if len(text) <= maxText && !strings.ContainsFunc(text, unicode.IsControl) {
		return err
	}
	clean := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
	return errors.New(clean[:min(len(clean), maxText)])
}

// maxText is the longest text of an error that is not of this package.
const maxText = 300

func (s *Source) denied() error {
	if s.hasCredentials() {
		return errors.New("the server refuses the credentials")
	}
	return errors.New("the server wants credentials")
}

func (s *Source) notFound() error {
	if s.hasCredentials() {
		return errors.New("it does not exist, or the credentials do not reach it")
	}
	return errors.New("it does not exist, or needs credentials")
}

func (s *Source) hasCredentials() bool {
	return s.opts.Password.IsSet() || s.opts.Token.IsSet() || s.opts.SSHKey.IsSet() || s.opts.App.isSet() || s.remote.password != ""
}
