package s3

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/scriptd/scriptd/sources"
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

// A server that is out of reach should be known for that in seconds: the engine tries again anyway.
const (
	attempts   = 3
	maxBackoff = time.Second
)

// client returns a client with the credentials of this moment.
func (s *Source) client(ctx context.Context) (*awss3.Client, error) {
	load := []func(*config.LoadOptions) error{
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = attempts, maxBackoff })
		}),
		config.WithAppID("scriptd"),
		config.WithHTTPClient(s.http),
		// Servers other than AWS reject the checksums that the SDK would add by itself. Sizes are compared anyway.
		config.WithRequestChecksumCalculation(aws.RequestChecksumCalculationWhenRequired),
		config.WithResponseChecksumValidation(aws.ResponseChecksumValidationWhenRequired),
	}
	if s.opts.Region != "" {
		load = append(load, config.WithRegion(s.opts.Region))
	}
	if s.opts.AccessKeyID.IsSet() {
		static, err := s.credentials()
		if err != nil {
			return nil, err
		}
		load = append(load, config.WithCredentialsProvider(static))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, sources.Fail(sources.Misconfigured, err, "%s: configure", s.name())
	}
	cfg.Region = cmp.Or(cfg.Region, "us-east-1")
	return awss3.NewFromConfig(cfg, func(o *awss3.Options) {
		o.UsePathStyle = s.opts.PathStyle
		o.DisableLogOutputChecksumValidationSkipped = true
		if s.opts.Endpoint != "" {
			o.BaseEndpoint = aws.String(s.opts.Endpoint)
		}
	}), nil
}

func (s *Source) credentials() (aws.CredentialsProvider, error) {
	id, err := s.opts.AccessKeyID.Reveal()
	if err != nil {
		return nil, err
	}
	secret, err := s.opts.SecretAccessKey.Reveal()
	if err != nil {
		return nil, err
	}
	token, err := s.opts.SessionToken.Reveal()
	if err != nil {
		return nil, err
	}
	return credentials.NewStaticCredentialsProvider(id, secret, token), nil
}
