// Package bucket reaches a bucket of S3, or of a server that speaks its protocol: endpoint, credentials, address policy, time
// limits, and what errors mean. What is in the bucket is the business of who uses it.
//
//	b, err := bucket.New(bucket.Options{Name: "plugins", Prefix: "team", Region: "eu-central-1"})
//	client, err := b.Client(ctx)
//	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(b.Name), Key: aws.String(b.Prefix + "a")})
//	err = b.Fail(err, "get %s", "a")
package bucket

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/netip"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/scriptd/scriptd/sources"
)

// Options say which bucket, and how to reach it.
type Options struct {
	// Name is required.
	Name string
	// Prefix is a folder, as far as S3 has any: team and team/ are the same. Empty is the whole bucket.
	Prefix string
	// Endpoint is the URL of a server that is not AWS. Empty is AWS in Region.
	Endpoint string
	// Region is where the bucket is. Empty is what the SDK's environment and shared files say, else us-east-1.
	Region string
	// PathStyle puts the bucket into the path and not into the host name, as most servers other than AWS want it.
	PathStyle bool
	// AccessKeyID, SecretAccessKey and SessionToken are read for each client. Without the first two, the SDK's own chain
	// applies: environment, shared files, roles.
	AccessKeyID, SecretAccessKey, SessionToken sources.Secret
	// Profile is one of the SDK's shared files. Empty is that of the environment.
	Profile string
	// Role is the ARN of a role to assume with the credentials above, and ExternalID what its trust policy may want.
	Role, ExternalID string
	// Anonymous sends no credentials.
	Anonymous bool
	// Lookup returns the addresses of a host. Nil asks the system.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// Insecure allows an http endpoint that is not on this machine.
	Insecure bool
}

// Bucket is a way to a bucket. It is safe for concurrent use.
type Bucket struct {
	// Name is the bucket, and Prefix what all keys begin with: empty, or ending in a slash.
	Name, Prefix string

	opts   Options
	http   *awshttp.BuildableClient
	dialer *sources.Dialer

	mu     sync.Mutex
	shared *aws.Config // see config
	role   *aws.CredentialsCache
	roleOf [sha256.Size]byte // whose credentials it was asked for with
}

// New returns a Bucket. It does not ask the server for anything. Options that do not hold fail with the kind Misconfigured.
func New(opts Options) (*Bucket, error) {
	b := &Bucket{
		Name: opts.Name, opts: opts, http: newHTTPClient(),
		dialer: &sources.Dialer{Timeout: connectTimeout, Lookup: opts.Lookup},
	}
	if prefix := strings.Trim(opts.Prefix, "/"); prefix != "" {
		b.Prefix = prefix + "/"
	}
	var err error
	switch {
	case opts.AccessKeyID.IsSet() != opts.SecretAccessKey.IsSet():
		err = errors.New("access_key_id and secret_access_key go together")
	case opts.Anonymous && (opts.AccessKeyID.IsSet() || opts.Profile != "" || opts.Role != ""):
		err = errors.New("it is anonymous, and has credentials")
	case opts.Profile != "" && opts.AccessKeyID.IsSet():
		err = errors.New("it has both a profile and an access_key_id")
	case opts.ExternalID != "" && opts.Role == "":
		err = errors.New("external_id goes with role")
	case opts.SessionToken.IsSet() && !opts.AccessKeyID.IsSet():
		err = errors.New("session_token goes with access_key_id and secret_access_key")
	case opts.Endpoint != "":
		err = checkEndpoint(opts)
	}
	if err != nil {
		return nil, sources.Fail(sources.Misconfigured, err, "%s", b)
	}
	return b, nil
}
