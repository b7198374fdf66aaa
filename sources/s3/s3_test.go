package s3_test

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/s3"
	"github.com/scriptd/scriptd/sources/sourcetest"
	"github.com/scriptd/scriptd/sources/sourcetest/s3server"
)

// server is shared by the tests of the package, each of which has a bucket of its own. It is nil with -short where it
// would have to be built first.
var server *s3server.Server

const unbuilt = "bin/versitygw is not built: run the tests once without -short"

func TestMain(m *testing.M) {
	code, err := withServer(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withServer(m *testing.M) (code int, err error) {
	ctx := context.Background()
	flag.Parse()
	if _, built := s3server.Find(); !built && testing.Short() {
		return m.Run(), nil
	}
	binary, err := s3server.Binary(ctx)
	if err != nil {
		return 1, err
	}
	dir, err := os.MkdirTemp("", "s3-test-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	if server, err = s3server.Start(ctx, binary, dir); err != nil {
		return 1, err
	}
	defer server.Close()
	return m.Run(), nil
}

// bucket makes a bucket for a test, and returns the options of a source for its prefix team.
func bucket(t testing.TB, endpoint string) s3.Options {
	t.Helper()
	if server == nil {
		t.Skip(unbuilt)
	}
	name := "test-" + strings.ToLower(rand.Text())
	if err := server.CreateBucket(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return s3.Options{
		Bucket: name, Prefix: "team", Endpoint: endpoint, Region: "us-east-1", PathStyle: true,
		AccessKeyID: sources.Literal(server.AccessKey()), SecretAccessKey: sources.Literal(server.SecretKey()),
	}
}

func open(t testing.TB, opts s3.Options) *s3.Source {
	t.Helper()
	src, err := s3.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func put(t *testing.T, opts s3.Options, path, content string) {
	t.Helper()
	if err := server.Put(context.WithoutCancel(t.Context()), opts.Bucket, "team/"+path, []byte(content)); err != nil {
		t.Fatal(err)
	}
}

func TestSource(t *testing.T) { sourcetest.Run(t, harness) }

func harness(t *testing.T) sourcetest.Harness {
	t.Helper()
	if server == nil {
		t.Skip(unbuilt)
	}
	gate := sourcetest.NewGate(t, strings.TrimPrefix(server.Endpoint(), "http://"))
	opts := bucket(t, "http://"+gate.Addr())
	if err := server.Put(t.Context(), opts.Bucket, "other/elsewhere.go", []byte("package elsewhere\n")); err != nil {
		t.Fatal(err)
	}
	return sourcetest.Harness{
		Open: func() sources.Source { return open(t, opts) },
		Write: func(files sourcetest.Files) {
			for name, f := range files {
				put(t, opts, name, f.Content)
			}
		},
		Remove: func(paths ...string) {
			for _, path := range paths {
				if err := server.Delete(context.WithoutCancel(t.Context()), opts.Bucket, "team/"+path); err != nil {
					t.Fatal(err)
				}
			}
		},
		Missing: func() (sources.Source, string) {
			missing := opts
			missing.Bucket = "no-such-bucket"
			return open(t, missing), missing.Bucket
		},
		Server: strings.TrimPrefix(server.Endpoint(), "http://"),
		Via: func(addr string) sources.Source {
			via := opts
			via.Endpoint = "http://" + addr
			return open(t, via)
		},
		Break:   gate.Shut,
		Cut:     gate.Cut,
		Stall:   gate.Stall,
		Secrets: []string{server.SecretKey()},
	}
}

func TestFailures(t *testing.T) {
	good := bucket(t, serverEndpoint())
	put(t, good, "hello/hello.go", "package hello\n")
	const wrong = "a-wrong-secret-key"
	for _, tt := range []struct {
		name   string
		change func(*s3.Options)
		kind   sources.Kind
		want   string
	}{
		{"no such bucket", func(o *s3.Options) { o.Bucket = "nowhere" }, sources.NotFound, "s3 bucket nowhere, prefix team/: list: there is no such bucket"},
		{"empty prefix", func(o *s3.Options) { o.Prefix = "nobody" }, sources.NotFound, "prefix nobody/: there are no objects"},
		{"wrong secret", func(o *s3.Options) { o.SecretAccessKey = sources.Literal(wrong) }, sources.Denied, "the server refuses the credentials (SignatureDoesNotMatch)"},
		{"wrong key", func(o *s3.Options) { o.AccessKeyID = sources.Literal("nobody") }, sources.Denied, "the server refuses the credentials (InvalidAccessKeyId)"},
		{"secret that cannot be read", func(o *s3.Options) {
			o.SecretAccessKey = sources.NewSecret(func() (string, error) { return "", errors.New("S3_SECRET is not set") })
		}, sources.Misconfigured, "S3_SECRET is not set"},
		{"nobody listens", func(o *s3.Options) { o.Endpoint = "http://" + closedPort(t) }, sources.Transient, "connection refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts := good
			tt.change(&opts)
			_, err := open(t, opts).Resolve(t.Context())
			if err == nil || sources.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v (%v), want %q (%v)", err, sources.KindOf(err), tt.want, tt.kind)
			}
			if err != nil && (strings.Contains(err.Error(), wrong) || strings.Contains(err.Error(), server.SecretKey())) {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestOptionsThatCannotWork(t *testing.T) {
	for want, opts := range map[string]s3.Options{
		"it has no bucket": {},
		"access_key_id and secret_access_key go together": {Bucket: "b", AccessKeyID: sources.Literal("id")},
		"it is not encrypted":                             {Bucket: "b", Endpoint: "http://s3.example.com"},
		"want an http or https URL":                       {Bucket: "b", Endpoint: "s3.example.com:9000"},
		"without credentials":                             {Bucket: "b", Endpoint: "http://me:pw@127.0.0.1"},
	} {
		_, err := s3.New(opts)
		if err == nil || sources.KindOf(err) != sources.Misconfigured || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "pw") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := s3.New(s3.Options{Bucket: "b", Endpoint: "http://s3.example.com", Insecure: true}); err != nil {
		t.Errorf("insecure: got %v", err)
	}
}

// Folder markers and the objects of other prefixes are no files.
func TestWhatIsNoFile(t *testing.T) {
	opts := bucket(t, serverEndpoint())
	put(t, opts, "hello/hello.go", "package hello\n")
	put(t, opts, "empty/", "")
	if err := server.Put(t.Context(), opts.Bucket, "teammate/x.go", []byte("package x\n")); err != nil {
		t.Fatal(err)
	}
	src := open(t, opts)
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tree := sources.NewTree(sources.Selection{}, sources.Limits{})
	if err := src.Fetch(t.Context(), rev, tree); err != nil {
		t.Fatal(err)
	}
	files, err := tree.Seal()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fs.Glob(files, "*/*"); err != nil || len(got) != 1 || got[0] != "hello/hello.go" {
		t.Errorf("got %v, %v", got, err)
	}
}

// An object that changes between the listing and the download fails the fetch.
func TestChangeDuringFetch(t *testing.T) {
	opts := bucket(t, serverEndpoint())
	put(t, opts, "hello/hello.go", "package hello\n")
	src := open(t, opts)
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	put(t, opts, "hello/hello.go", "package hello // changed\n")
	err = src.Fetch(t.Context(), rev, sources.NewTree(sources.Selection{}, sources.Limits{}))
	if sources.KindOf(err) != sources.Transient || err == nil || !strings.Contains(err.Error(), "it changed while it was read") {
		t.Errorf("got %v", err)
	}
}

func serverEndpoint() string {
	if server == nil {
		return ""
	}
	return server.Endpoint()
}

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// A listing has a thousand objects a page.
func TestSeveralPages(t *testing.T) {
	const objects = 1010
	opts := bucket(t, serverEndpoint())
	var group errgroup.Group
	group.SetLimit(8)
	for i := range objects {
		group.Go(func() error {
			return server.Put(t.Context(), opts.Bucket, fmt.Sprintf("team/dir%d/file%d.go", i%10, i), []byte(fmt.Sprint(i)))
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	src := open(t, opts)
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tree := sources.NewTree(sources.Selection{Dir: "dir9"}, sources.Limits{})
	if err := src.Fetch(t.Context(), rev, tree); err != nil {
		t.Fatal(err)
	}
	files, err := tree.Seal()
	if err != nil {
		t.Fatal(err)
	}
	if names, err := fs.Glob(files, "*.go"); err != nil || len(names) != objects/10 {
		t.Errorf("%d files, %v", len(names), err)
	}
	put(t, opts, "dir9/file1009.go", "changed")
	if again, err := src.Resolve(t.Context()); err != nil || again == rev {
		t.Errorf("a change on the second page: revision %s, %v, was %s", again, err, rev)
	}
}

func TestSecretsAreReadAnew(t *testing.T) {
	opts := bucket(t, serverEndpoint())
	put(t, opts, "a.go", "a")
	current := "an-old-secret"
	opts.SecretAccessKey = sources.NewSecret(func() (string, error) { return current, nil })
	src := open(t, opts)
	if _, err := src.Resolve(t.Context()); sources.KindOf(err) != sources.Denied || err == nil {
		t.Errorf("got %v", err)
	}
	current = server.SecretKey()
	if _, err := src.Resolve(t.Context()); err != nil {
		t.Error(err)
	}
}

// Without keys of its own, a source has those of the SDK's chain, and looks again when they are refused.
func TestSharedCredentials(t *testing.T) {
	opts := bucket(t, serverEndpoint())
	put(t, opts, "a.go", "a")
	opts.AccessKeyID, opts.SecretAccessKey = sources.Secret{}, sources.Secret{}
	for _, name := range []string{"AWS_PROFILE", "AWS_SESSION_TOKEN"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_ACCESS_KEY_ID", server.AccessKey())
	t.Setenv("AWS_SECRET_ACCESS_KEY", "an-old-secret")
	src := open(t, opts)
	_, err := src.Resolve(t.Context())
	if sources.KindOf(err) != sources.Denied || err == nil {
		t.Errorf("got %v", err)
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", server.SecretKey())
	if _, err := src.Resolve(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPrefixes(t *testing.T) {
	opts := bucket(t, serverEndpoint())
	put(t, opts, "plugins/a.go", "a")
	for prefix, want := range map[string]string{
		"": "team/plugins/a.go", "/": "team/plugins/a.go", "team": "plugins/a.go", "team/": "plugins/a.go", "/team/plugins//": "a.go",
	} {
		opts.Prefix = prefix
		src := open(t, opts)
		rev, err := src.Resolve(t.Context())
		if err != nil {
			t.Errorf("prefix %q: %v", prefix, err)
			continue
		}
		tree := sources.NewTree(sources.Selection{}, sources.Limits{})
		if err := src.Fetch(t.Context(), rev, tree); err != nil {
			t.Fatal(err)
		}
		files, err := tree.Seal()
		if err != nil {
			t.Fatal(err)
		}
		if data, err := fs.ReadFile(files, want); err != nil || string(data) != "a" {
			t.Errorf("prefix %q: %q, %v", prefix, data, err)
		}
	}
}
