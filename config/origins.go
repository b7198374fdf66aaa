package config

import (
	"fmt"
	"strings"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/filesystem"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/s3"
	"github.com/scriptd/scriptd/sources/s3/bucket"
)

func (s *filesystemSection) prepare(b *builder, common common) (func() (sources.Source, error), string, pos) {
	opts := filesystem.Options{Path: b.path(&s.Path), Verify: common.verify}
	open := func() (sources.Source, error) { return filesystem.New(opts) }
	return open, fmt.Sprintf("path %q", opts.Path), s.Path.at
}

func (s *gitSection) prepare(b *builder, common common) (func() (sources.Source, error), string, pos) {
	opts := git.Options{
		URL:              b.repository(&s.URL),
		Ref:              b.value(&s.Ref),
		Username:         b.value(&s.Username),
		Password:         b.secret(&s.Password),
		Token:            b.secret(&s.Token),
		SSHKey:           b.secret(&s.SSHKey),
		SSHKeyPassphrase: b.secret(&s.SSHKeyPassphrase),
		KnownHosts:       b.path(&s.KnownHosts),
		CAFile:           b.path(&s.CAFile),
		ClientCert:       b.path(&s.ClientCert),
		ClientKey:        b.secret(&s.ClientKey),
		App: git.App{
			ID: b.value(&s.App.ID), Installation: b.value(&s.App.Installation), PrivateKey: b.secret(&s.App.PrivateKey), API: b.value(&s.App.API),
		},
		Verify:     common.verify,
		VerifyTag:  common.tag,
		Submodules: s.Submodules.on,
		Insecure:   common.insecure,
	}
	open := func() (sources.Source, error) { return git.New(opts) }
	id := fmt.Sprintf("url %q ref %q", sources.RedactURL(opts.URL), opts.Ref)
	if opts.Submodules {
		id += " with submodules"
	}
	return open, id, s.URL.at
}

// repository returns the address of a repository. One that is a relative path is relative to the file.
func (b *builder) repository(t *text) string {
	url := b.value(t)
	host, _, colon := strings.Cut(url, ":")
	if isPath := !colon || strings.ContainsAny(host, `/\`); isPath {
		return b.path(t)
	}
	return url
}

func (s *s3Section) prepare(b *builder, common common) (func() (sources.Source, error), string, pos) {
	at := b.bucket(&s.bucketKeys, common.insecure)
	opts := s3.Options{
		Bucket: at.Name, Prefix: at.Prefix, Endpoint: at.Endpoint, Region: at.Region, PathStyle: at.PathStyle,
		AccessKeyID: at.AccessKeyID, SecretAccessKey: at.SecretAccessKey, SessionToken: at.SessionToken,
		Profile: at.Profile, Role: at.Role, ExternalID: at.ExternalID, Anonymous: at.Anonymous,
		Manifest: s3.ManifestMode(b.value(&s.Manifest)),
		Verify:   common.verify,
		Limits:   common.limits,
		Insecure: at.Insecure,
	}
	open := func() (sources.Source, error) { return s3.New(opts) }
	id := fmt.Sprintf("bucket %q prefix %q endpoint %q", opts.Bucket, opts.Prefix, sources.RedactURL(opts.Endpoint))
	return open, id, s.blamed()
}

// bucket looks up the values of the keys.
func (b *builder) bucket(k *bucketKeys, insecure bool) bucket.Options {
	return bucket.Options{
		Name:            b.value(&k.Bucket),
		Prefix:          b.value(&k.Prefix),
		Endpoint:        b.value(&k.Endpoint),
		Region:          b.value(&k.Region),
		PathStyle:       k.PathStyle.on,
		AccessKeyID:     b.secret(&k.AccessKeyID),
		SecretAccessKey: b.secret(&k.SecretAccessKey),
		SessionToken:    b.secret(&k.SessionToken),
		Profile:         b.value(&k.Profile),
		Role:            b.value(&k.Role),
		ExternalID:      b.value(&k.ExternalID),
		Anonymous:       k.Anonymous.on,
		Insecure:        insecure,
	}
}

// blamed is the place to blame for a bucket that cannot be had.
func (k *bucketKeys) blamed() pos {
	if k.Endpoint.set {
		return k.Endpoint.at
	}
	return k.Bucket.at
}
