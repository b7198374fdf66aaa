package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// paths lists the packages of a tree that are to be loaded, sorted: those of the configuration, else those that look
// like plugins.
func (s *source) paths(tree fs.FS) ([]string, error) {
	if len(s.Packages) == 0 {
		return discover(tree)
	}
	var listed []string
	for _, p := range s.Packages {
		listed = append(listed, p.Path)
	}
	slices.Sort(listed)
	return listed, nil
}

// lists reports whether a package may be loaded: where the configuration lists packages, only those. Others that share the cache may
// have more.
func (s *source) lists(path string) bool {
	return len(s.Packages) == 0 || slices.ContainsFunc(s.Packages, func(p Package) bool { return p.Path == path })
}

var registerFunc = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^func[ \t]+Register[ \t]*\(`) })

// Discover lists the folders of a tree that hold a plugin, sorted, as for a source whose packages are not listed.
func Discover(tree fs.FS) ([]string, error) { return discover(tree) }

// discover finds the folders that hold a plugin: those whose Go files, tests left out, declare a function Register, and
// those with a plugin.yaml. It goes by the text, so that a package that does not parse is found, too. Folders that the
// go command passes over are passed over.
func discover(tree fs.FS) ([]string, error) {
	found := make(map[string]bool)
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if d.IsDir() {
			if name != "." && (base == "vendor" || base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return fs.SkipDir
			}
			return nil
		}
		isPlugin := base == "plugin.yaml"
		if strings.HasSuffix(base, ".go") && !strings.HasSuffix(base, "_test.go") {
			text, err := fs.ReadFile(tree, name)
			if err != nil {
				return err
			}
			isPlugin = registerFunc().Match(text)
		}
		if isPlugin {
			found[path.Dir(name)] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	paths := make([]string, 0, len(found))
	for dir := range found {
		paths = append(paths, dir)
	}
	slices.Sort(paths)
	return paths, nil
}

var quotedName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("[\"`]([a-z0-9][a-z0-9_-]{0,63})[\"`]") })

// mentions collects the names that a package's plugins may have: those in its source, and that of its folder.
func mentions(tree fs.FS, dir string) map[string]bool {
	names := map[string]bool{path.Base(dir): true}
	entries, err := fs.ReadDir(tree, dir)
	if err != nil {
		return names // it is a guess for an error message
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		if text, err := fs.ReadFile(tree, path.Join(dir, e.Name())); err == nil {
			for _, m := range quotedName().FindAllSubmatch(text, -1) {
				names[string(m[1])] = true
			}
		}
	}
	return names
}

// packageOptions returns what a package is given by the configuration.
func (s *source) packageOptions(dir string) Package {
	for _, p := range s.Packages {
		if p.Path == dir {
			return p
		}
	}
	return Package{Path: dir}
}

// configs are the configurations of a source's packages at one moment, by path.
type configs struct {
	values map[string]map[string]any
	errs   map[string]error
	prints map[string]string
	// fingerprint changes with any of them.
	fingerprint string
}

// inputs is what the outcome of a package's load depends on beside its files. Permissions, policies and scriptd itself do
// not change while an engine runs.
func (c *configs) inputs(path string) string { return c.prints[path] }

// configs asks for the configuration of every package. Who runs none asks for none.
func (e *Engine) configs(s *source) configs {
	if e.opts.Role == RoleSync {
		return configs{}
	}
	return s.configs()
}

// configs asks for the configuration of every package.
func (s *source) configs() configs {
	c := configs{values: make(map[string]map[string]any), errs: make(map[string]error), prints: make(map[string]string)}
	hash := sha256.New()
	for _, p := range s.Packages {
		if p.Config == nil {
			continue
		}
		values, err := p.Config()
		c.values[p.Path], c.errs[p.Path] = values, err
		text, _ := json.Marshal(values) // what does not encode is told by its package
		if err != nil {
			text = []byte(err.Error())
		}
		sum := sha256.Sum256(text)
		c.prints[p.Path] = hex.EncodeToString(sum[:])
		hash.Write([]byte(p.Path + "\x00" + c.prints[p.Path] + "\x00"))
	}
	c.fingerprint = hex.EncodeToString(hash.Sum(nil))
	return c
}
