// Package config reads scriptd's configuration file:
//
//	cfg, err := config.Load("scriptd.yaml")
//	if err != nil {
//		return err // config.Errors: all that is wrong, each with file, line and column
//	}
//	eng, err := engine.New(ctx, cfg.Options())
//
// The file is YAML. It lists sources, and what their packages are given:
//
//	cache: {dir: .scriptd/cache}
//	isolation: process
//	listen: 127.0.0.1:7070
//	sources:
//	  - name: team
//	    git: {url: https://git.example.com/team/plugins.git, token: "${env:GIT_TOKEN}"}
//	    interval: 1m
//	    permissions: {net: ["*.example.com:443"]}
//	    packages:
//	      - path: netcheck
//	        config: {token: "${file:/run/secrets/token}"}
//
// Unknown keys, wrong types and references to nothing are errors. A string may hold ${env:NAME} and ${file:PATH}; in
// secrets and in the config of a package they are read again at each use. Relative paths are relative to the file. Each
// key is described in docs/configuration.md.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/sources"
)

// DefaultListen is the address that Listen returns where the file has none.
const DefaultListen = "127.0.0.1:7070"

const (
	// maxFile bounds the size of a configuration file, in bytes.
	maxFile = 1 << 20
	example = `a first one is "sources: [{name: plugins, filesystem: {path: plugins}}]"`
)

// Config is what a configuration file says. It does not change, and is safe for concurrent use.
type Config struct {
	path    string
	cache   cacheParts
	listen  string
	options engine.Options
	// trust has the keys that archives must be signed with.
	trust sources.Secret
	// webhooks are the secrets of sources, by name.
	webhooks map[string]sources.Secret
}

// Load reads and checks a configuration file, and opens the cache that it names. It asks nothing of the network, and
// the folders of sources need not be there. The error is of the type Errors and holds all that is wrong; it matches
// fs.ErrNotExist where there is no such file.
func Load(path string) (*Config, error) {
	p := &problems{file: path}
	c := load(path, p)
	if err := p.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// load returns nil, or a Config that is good for nothing, where it adds to p.
func load(path string, p *problems) *Config {
	abs, err := filepath.Abs(path)
	if err != nil {
		p.fail(err, "%v", err)
		return nil
	}
	content, err := readFile(path)
	if err != nil {
		p.fail(err, "%v", err)
		return nil
	}
	root := parse(content, p)
	if len(p.list) > 0 {
		return nil
	}
	var f file
	d := &decoder{problems: p}
	d.findAnchors(root)
	d.decode(value{label: "configuration", node: root, at: position(root)}, &f)

	b := &builder{problems: p, dir: filepath.Dir(abs)}
	c := &Config{
		path:   abs,
		listen: b.listen(&f.Listen),
		options: engine.Options{
			Role:      b.role(&f.Role),
			Isolation: b.isolation(&f.Isolation.Mode),
			Processes: b.processes(&f.Isolation),
			Sources:   b.sources(f.Sources),
			Retention: b.retention(&f.Cache),
		},
	}
	c.webhooks, c.trust = b.webhooks, b.secret(&f.Cache.Trust)
	if c.options.Role == engine.RoleServe {
		for i := range c.options.Sources {
			c.options.Sources[i].From = nil // nothing that has the options can ask an origin
		}
	}
	c.cache = b.cacheParts(&f.Cache)
	if len(p.list) > 0 {
		return nil // and no folder is made
	}
	if c.options.Cache, err = c.cache.open(); err != nil {
		b.add(f.Cache.place("dir"), "cache: %v", err)
		return nil
	}
	return c
}

// readFile returns the content of the file. The error does not repeat the path.
func readFile(path string) ([]byte, error) {
	content, err := readUpTo(path, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", err, example)
	}
	return content, err
}

// Options returns the options of an engine that does what the file says. The caller may change them. All of them share
// one cache.
func (c *Config) Options() engine.Options {
	options := c.options
	options.Sources = slices.Clone(options.Sources)
	retention := *options.Retention
	options.Retention = &retention
	for i := range options.Sources {
		packages := slices.Clone(options.Sources[i].Packages)
		for j := range packages {
			packages[j].SelfTest = copyOf(packages[j].SelfTest)
		}
		options.Sources[i].Packages = packages
	}
	return options
}

// Role returns what the file says of the role, or "" where it says nothing.
func (c *Config) Role() engine.Role { return c.options.Role }

// Trust returns the public keys that an archive of the cache must be signed with, as an allowed_signers file. It is not set
// where the file says nothing.
func (c *Config) Trust() sources.Secret { return c.trust }

// Listen returns the address to serve HTTP on, as host:port.
func (c *Config) Listen() string { return c.listen }

// Isolation returns what the file says of isolation, or "" where it leaves the choice to the program.
func (c *Config) Isolation() engine.Isolation { return c.options.Isolation }

// Path returns the absolute path of the file.
func (c *Config) Path() string { return c.path }

// CacheDir returns the absolute path of the folder where fetched trees are kept, "" where they are kept in a bucket alone.
func (c *Config) CacheDir() string { return c.cache.dir }

// SharedCache returns the cache that others share, nil where there is none. Where there is a folder, too, it lies behind that.
func (c *Config) SharedCache() *cache.Shared { return c.cache.shared }

// String returns the path, since the rest may hold secrets.
func (c *Config) String() string { return fmt.Sprintf("configuration %s", c.path) }
