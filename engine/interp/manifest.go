package interp

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/goccy/go-yaml"

	"github.com/scriptd/scriptd/engine/runtime"
)

// APIVersion is the version of the contract between plugins and the engine.
const APIVersion = 1

// Manifest is a plugin.yaml: what a package says of itself. Every field may be left out.
type Manifest struct {
	Name        string `yaml:"name"`
	Version     string `yaml:"version"`
	APIVersion  int    `yaml:"apiVersion"`
	Description string `yaml:"description"`
	// Permissions are what the package asks for. Asking grants nothing.
	Permissions runtime.Permissions `yaml:"permissions"`
}

// ReadManifest reads the plugin.yaml of the package in dir. Where there is none, the defaults hold. A manifest that
// does not parse, and one of an apiVersion that this engine does not speak, are runtime.Problems.
func ReadManifest(tree fs.FS, dir string) (Manifest, error) {
	m := Manifest{APIVersion: APIVersion}
	name := path.Join(dir, "plugin.yaml")
	data, err := fs.ReadFile(tree, name)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("read manifest: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(data, &m, yaml.Strict()); err != nil {
		problem := runtime.Problem{File: name, Message: err.Error()}
		if at, ok := errors.AsType[yaml.Error](err); ok {
			problem.Message = at.GetMessage()
			if token := at.GetToken(); token != nil {
				problem.Line, problem.Column = token.Position.Line, token.Position.Column
			}
		}
		return m, runtime.Problems{problem}
	}
	if m.APIVersion != APIVersion {
		return m, runtime.Problems{{
			File:    name,
			Message: fmt.Sprintf("apiVersion %d: this engine speaks apiVersion %d", m.APIVersion, APIVersion),
		}}
	}
	return m, nil
}
