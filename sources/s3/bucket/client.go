package bucket

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/scriptd/scriptd/sources"
)

// A server that is out of reach should be known for that in seconds: whoever polls tries again anyway.
const (
	attempts       = 2
	maxBackoff     = 300 * time.Millisecond
	connectTimeout = 5 * time.Second
	// readTimeout is how long nothing may come.
	readTimeout = 30 * time.Second
	// idleTimeout is for the requests of one fetch: connections are not kept from one poll to the next.
	idleTimeout = time.Second
)

// checkEndpoint holds an endpoint against the address policy.
func checkEndpoint(opts Options) error {
	u, err := url.Parse(opts.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return sources.Fail(sources.Misconfigured, errors.New("want an http or https URL without credentials"),
			"s3 endpoint %s", sources.RedactURL(opts.Endpoint))
	}
	return sources.CheckURL(opts.Endpoint, opts.Insecure)
}

func newHTTPClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = connectTimeout }).
		WithTransportOptions(func(t *http.Transport) { t.IdleConnTimeout = idleTimeout }).
		WithReadTimeout(readTimeout)
}

// bucketClient counts requests, and bounds the answers that the SDK reads whole: it takes what comes.
type bucketClient struct{ *awshttp.BuildableClient }

const (
	// maxPage bounds a page of a listing: twice what a thousand keys of a kilobyte take. It is forty times that in memory,
	// if it consists of nothing but elements. maxComplaint bounds an error.
	maxPage      = 4 << 20
	maxComplaint = 64 << 10
)

func (c bucketClient) Do(req *http.Request) (*http.Response, error) {
	sources.CountRequest(req.Context())
	res, err := c.BuildableClient.Do(req)
	if err != nil {
		return nil, err
	}
	switch {
	case res.StatusCode >= http.StatusMultipleChoices:
		res.Body = &boundedBody{ReadCloser: res.Body, left: maxComplaint, end: io.EOF}
	case req.URL.Query().Has("list-type"):
		res.Body = &boundedBody{ReadCloser: res.Body, left: maxPage, end: sources.Fail(sources.Refused, errPage, "list")}
	}
	return res, nil
}

var errPage = errors.New("a page of it has more bytes than are read")

// boundedBody is a body that ends at a limit, with an error.
type boundedBody struct {
	io.ReadCloser
	left int64
	end  error
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, b.end
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// Client returns a client with the credentials of this moment.
func (b *Bucket) Client(ctx context.Context) (*awss3.Client, error) {
	cfg, err := b.config(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case b.opts.Anonymous:
		cfg.Credentials = aws.AnonymousCredentials{}
	case b.opts.AccessKeyID.IsSet():
		if cfg.Credentials, err = b.credentials(); err != nil {
			return nil, sources.Fail(sources.Misconfigured, err, "%s", b)
		}
	}
	if b.opts.Role != "" {
		if err := b.assume(ctx, &cfg); err != nil {
			return nil, b.Fail(err, "assume the role %s", b.opts.Role)
		}
	}
	return awss3.NewFromConfig(cfg, func(o *awss3.Options) {
		o.UsePathStyle = b.opts.PathStyle
		o.DisableLogOutputChecksumValidationSkipped = true
		if b.opts.Endpoint != "" {
			o.BaseEndpoint = aws.String(b.opts.Endpoint)
		}
	}), nil
}

// config returns the SDK's configuration: what the environment and the shared files say, and a cache of the credentials
// that they lead to.
func (b *Bucket) config(ctx context.Context) (aws.Config, error) {
	b.mu.Lock()
	known := b.shared
	b.mu.Unlock()
	if known != nil {
		return known.Copy(), nil
	}
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = attempts, maxBackoff })
		}),
		config.WithAppID("scriptd"),
		config.WithHTTPClient(b.http),
		config.WithLogger(logging.Nop{}),
		config.WithRegion(b.opts.Region),               // empty leaves it open
		config.WithSharedConfigProfile(b.opts.Profile), // as does this
		// Servers other than AWS reject the checksums that the SDK would add by itself. Sizes are compared anyway.
		config.WithRequestChecksumCalculation(aws.RequestChecksumCalculationWhenRequired),
		config.WithResponseChecksumValidation(aws.ResponseChecksumValidationWhenRequired),
	)
	if err != nil {
		return cfg, sources.Fail(sources.Misconfigured, err, "%s: configure", b)
	}
	cfg.Region = cmp.Or(cfg.Region, "us-east-1")
	// The chain of credentials has found its client by now, and asks what is AWS's own. The bucket's server is held
	// against the address policy.
	if client, ok := cfg.HTTPClient.(*awshttp.BuildableClient); ok {
		cfg.HTTPClient = bucketClient{client.WithTransportOptions(func(t *http.Transport) {
			t.DialContext, t.Proxy = b.dialer.DialContext, b.dialer.Proxy
		})}
	}
	b.mu.Lock()
	b.shared = &cfg
	b.mu.Unlock()
	return cfg.Copy(), nil
}

// assume replaces the credentials by those of the role. They are asked for again when they end soon, or those that they
// were asked for with are others.
func (b *Bucket) assume(ctx context.Context, cfg *aws.Config) error {
	own, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(own.AccessKeyID + "\x00" + own.SecretAccessKey + "\x00" + own.SessionToken))
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.role == nil || b.roleOf != sum {
		asked := *cfg
		asked.HTTPClient = b.http // it is no request to the bucket's server
		provider := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(asked), b.opts.Role, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = "scriptd"
			if b.opts.ExternalID != "" {
				o.ExternalID = aws.String(b.opts.ExternalID)
			}
		})
		b.role, b.roleOf = aws.NewCredentialsCache(provider), sum
	}
	cfg.Credentials = b.role
	return nil
}

// forget drops what was read of the environment and the shared files. Credentials that are refused may have been
// replaced there.
func (b *Bucket) forget() {
	b.mu.Lock()
	b.shared, b.role = nil, nil
	b.mu.Unlock()
}

func (b *Bucket) credentials() (aws.CredentialsProvider, error) {
	id, err := b.opts.AccessKeyID.Reveal()
	if err != nil {
		return nil, err
	}
	secret, err := b.opts.SecretAccessKey.Reveal()
	if err != nil {
		return nil, err
	}
	token, err := b.opts.SessionToken.Reveal()
	if err != nil {
		return nil, err
	}
	return credentials.NewStaticCredentialsProvider(id, secret, token), nil
}
