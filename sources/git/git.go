// Package git takes plugin source from a git repository, over https, ssh, or from a folder on this machine. It needs no
// git command.
//
//	src, err := git.New(git.Options{URL: "https://git.example.com/team/plugins.git", Ref: "main"})
//	rev, err := src.Resolve(ctx)
//
// The revision is the commit. A fetch transfers that commit's files without history.
package git

import (
	"context"
	"errors"
	"net/netip"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/storer"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/trust"
)

// Options say which repository, and how to get at it.
type Options struct {
	// URL is the repository's address: https://…, ssh://…, user@host:path, file://…, or a path. Plain http:// is for
	// this machine, or with Insecure.
	URL string
	// Ref is a branch, a tag, a full name such as refs/pull/1/head, or a commit with all its 40 digits. A branch goes
	// before a tag of the same name. Where there is neither, a range of semantic versions such as v1.x, ^1.2 or ">=1.4 <2"
	// is the tag with the highest version in it; pre-releases are for ranges that name one. Empty is the HEAD of the
	// repository.
	Ref string
	// Username is the user of https and of ssh. Empty is the one in the URL; without one it is "git" for ssh, and
	// "x-access-token" with a Token.
	Username string
	// Password is the user's password.
	Password sources.Secret
	// Token is an access token for https. It is sent as a password.
	Token sources.Secret
	// SSHKey is a private key, in PEM or OpenSSH's format, and SSHKeyPassphrase what it is encrypted with.
	SSHKey, SSHKeyPassphrase sources.Secret
	// KnownHosts is the file with the keys of ssh servers. Empty is .ssh/known_hosts in the user's home folder, and
	// /etc/ssh/ssh_known_hosts. A server that is in none is not trusted.
	KnownHosts string
	// CAFile has certificates, in PEM, of authorities that are trusted beside the system's.
	CAFile string
	// Verify are keys that each commit must be signed with; where VerifyTag is set, the annotated tag that Ref is, instead.
	Verify    trust.Keys
	VerifyTag bool
	// Submodules has the files of submodules fetched, of those on the repository's own server. They are left out otherwise.
	Submodules bool
	// Lookup returns the addresses of a host. Nil asks the system.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// ClientCert is a file with the certificate that stands for this client, in PEM, and ClientKey its private key.
	ClientCert string
	ClientKey  sources.Secret
	// App is a GitHub App whose tokens are used.
	App App
	// Insecure allows http:// to other machines.
	Insecure bool
}

// Source is a git repository at a ref.
type Source struct {
	opts   Options
	remote remote
	dialer *sources.Dialer
	commit string // the ref, where it is a commit

	mu     sync.Mutex
	speaks dialect
	kept   *state // of the last fetch
	subs   map[string]*Source
	token  appToken
	// tag is the annotated tag that Resolve found, and tagged its commit.
	tag, tagged plumbing.Hash

	nesting int // of a submodule: how deep it lies within others
}

var _ sources.Source = (*Source)(nil)

// New returns a Source. It does not look at the repository. Options that do not hold, or not together, fail with the
// kind Misconfigured.
func New(opts Options) (*Source, error) {
	r, err := parseRemote(opts.URL)
	if err != nil {
		return nil, sources.Fail(sources.Misconfigured, err, "git repository %s", sources.RedactURL(opts.URL))
	}
	if err := sources.CheckURL(opts.URL, opts.Insecure); r.kind == overHTTP && err != nil {
		return nil, err
	}
	if err := opts.check(r); err != nil {
		return nil, sources.Fail(sources.Misconfigured, err, "git repository %s", r.display)
	}
	s := newSource(opts, r)
	if isHash(opts.Ref) {
		s.commit = opts.Ref
	}
	return s, nil
}

func newSource(opts Options, r remote) *Source {
	return &Source{
		opts: opts, remote: r, speaks: undiscovered,
		dialer: &sources.Dialer{Home: r.hostname(), Timeout: connectTimeout, Lookup: opts.Lookup},
	}
}

// String names the repository, without the credentials that its URL may hold.
func (s *Source) String() string { return "git repository " + s.remote.display }

// GoString is String: the fields would show credentials.
func (s *Source) GoString() string { return s.String() }

// check returns what does not go together.
func (o Options) check(r remote) error {
	switch {
	case o.App.isSet() && (o.Token.IsSet() || o.Password.IsSet()):
		return errors.New("it has a GitHub App, and a token or a password")
	case o.App.isSet() && r.kind != overHTTP:
		return errors.New("a GitHub App is for https")
	case o.App.isSet() && o.App.check(o.Insecure) != nil:
		return o.App.check(o.Insecure)
	case (o.ClientCert != "") != o.ClientKey.IsSet():
		return errors.New("client_cert and client_key go together")
	case o.ClientCert != "" && r.kind != overHTTP:
		return errors.New("a client's certificate is for https")
	case o.Token.IsSet() && o.Password.IsSet():
		return errors.New("it has both a token and a password")
	case o.Token.IsSet() && r.kind != overHTTP:
		return errors.New("a token is for https")
	case o.Password.IsSet() && r.kind == local:
		return errors.New("a password is for https and ssh")
	case o.SSHKey.IsSet() && r.kind != overSSH:
		return errors.New("an ssh key is for ssh")
	case o.Verify.Minisign.IsSet():
		return errors.New("minisign does not sign commits: verify with ssh or gpg")
	case o.VerifyTag && !o.Verify.IsSet():
		return errors.New("it has no key to verify tags with")
	case o.SSHKeyPassphrase.IsSet() && !o.SSHKey.IsSet():
		return errors.New("it has a passphrase and no ssh key")
	}
	return nil
}

// Resolve returns the commit that the ref has now. A ref that is a commit is its own revision, and nobody is asked.
func (s *Source) Resolve(ctx context.Context) (sources.Revision, error) {
	if s.commit != "" {
		return sources.Revision(s.commit), nil
	}
	o, err := s.open(ctx)
	if err != nil {
		return "", s.fail(ctx, err)
	}
	defer o.close()
	refs, err := o.refs(ctx, s.opts.Ref)
	if err != nil {
		return "", s.fail(ctx, err)
	}
	at, err := refs.find(s.opts.Ref)
	if err != nil {
		return "", s.fail(ctx, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tag, s.tagged = at.tag, at.commit
	return sources.Revision(at.commit.String()), nil
}

// Fetch adds the files of the commit to tree. A commit that no ref has any more is fetched
// where the server gives it out, else it fails with the kind Transient.
func (s *Source) Fetch(ctx context.Context, rev sources.Revision, tree *sources.Tree) error {
	if !isHash(string(rev)) {
		return s.fail(ctx, sources.Fail(sources.NotFound, errors.New("it is not a commit"), "revision %q", rev))
	}
	return s.fail(ctx, s.checkout(ctx, plumbing.NewHash(string(rev)), tree, ""))
}

// objects returns storage with a commit and all that its files need. Nobody is asked for what was fetched last.
func (s *Source) objects(ctx context.Context, commit plumbing.Hash) (storer.EncodedObjectStorer, error) {
	have := s.state()
	if have != nil && have.commit == commit {
		return have.objects, ctx.Err()
	}
	o, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	defer o.close()
	switch o := o.(type) {
	case localOrigin:
		return o.storage, nil
	case remoteOrigin:
		return s.fetch(ctx, o, commit, have)
	default:
		panic("git: an origin that has no objects")
	}
}

// fail puts the repository's name before an error. What fails once the context has ended, a connection that is cut for
// instance, fails for that.
func (s *Source) fail(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	kind, err := s.classify(err)
	if kind == sources.Denied {
		s.forgetToken()
	}
	return sources.Fail(kind, err, "git repository %s", s.remote.display)
}

// isHash reports whether s is a full commit hash, as git prints it.
func isHash(s string) bool {
	if len(s) != 40 || s == zeroHash {
		return false
	}
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

const zeroHash = "0000000000000000000000000000000000000000"
