package config

import (
	"fmt"
	"strings"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/filesystem"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/s3"
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
	opts := s3.Options{
		Bucket:          b.value(&s.Bucket),
		Prefix:          b.value(&s.Prefix),
		Endpoint:        b.value(&s.Endpoint),
		Region:          b.value(&s.Region),
		PathStyle:       s.PathStyle.on,
		AccessKeyID:     b.secret(&s.AccessKeyID),
		SecretAccessKey: b.secret(&s.SecretAccessKey),
		SessionToken:    b.secret(&s.SessionToken),
		Profile:         b.value(&s.Profile),
		Role:            b.value(&s.Role),
		ExternalID:      b.value(&s.ExternalID),
		Anonymous:       s.Anonymous.on,
		Manifest:        s3.ManifestMode(b.value(&s.Manifest)),
		Verify:          common.verify,
		Limits:          common.limits,
		Insecure:        common.insecure,
	}
	at := s.Bucket.at
	if s.Endpoint.set {
		at = s.Endpoint.at
	}
	open := func() (sources.Source, error) { return s3.New(opts) }
	id := fmt.Sprintf("bucket %q prefix %q endpoint %q", opts.Bucket, opts.Prefix, sources.RedactURL(opts.Endpoint))
	return open, id, at
}
