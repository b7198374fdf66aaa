package interp

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/scriptd/scriptd/engine/runtime"
)

// APIVersion is the version of the contract between plugins and the engine.
const APIVersion = 1

// Manifest is a plugin.yaml: what a package says of itself. Every field may be left out.
type Manifest struct {
	Name        string
	Version     string
	APIVersion  int
	Description string
	// Permissions are what the package asks for. Asking grants nothing.
	Permissions runtime.Permissions
}

// ReadManifest reads the plugin.yaml of the package in dir. Where there is none, the defaults hold. A manifest that
// does not parse, and one of an apiVersion that this engine does not speak, are runtime.Problems.
func ReadManifest(tree fs.FS, dir string) (Manifest, error) {
	name := path.Join(dir, "plugin.yaml")
	data, err := fs.ReadFile(tree, name)
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{APIVersion: APIVersion}, nil
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("read manifest: %w", err)
	}
	m, ok := flatManifest(string(data))
	if !ok {
		if m, err = parseManifest(data); err != nil {
			return Manifest{}, runtime.Problems{yamlProblem(name, err)}
		}
	}
	if m.APIVersion != APIVersion {
		problem := runtime.Problem{File: name, Message: fmt.Sprintf("apiVersion %d: this engine speaks apiVersion %d", m.APIVersion, APIVersion)}
		problem.Line, problem.Column = placeOf(string(data), "apiVersion:")
		return Manifest{}, runtime.Problems{problem}
	}
	return m, nil
}

// parseManifest parses any manifest.
func parseManifest(data []byte) (Manifest, error) {
	var doc struct {
		Name        string              `yaml:"name"`
		Version     verbatim            `yaml:"version"`
		APIVersion  *int                `yaml:"apiVersion"`
		Description string              `yaml:"description"`
		Permissions runtime.Permissions `yaml:"permissions"`
	}
	if err := yaml.UnmarshalWithOptions(data, &doc, yaml.Strict()); err != nil {
		return Manifest{}, err
	}
	m := Manifest{
		Name: doc.Name, Version: string(doc.Version), APIVersion: APIVersion,
		Description: doc.Description, Permissions: doc.Permissions,
	}
	if doc.APIVersion != nil {
		m.APIVersion = *doc.APIVersion
	}
	return m, nil
}

// verbatim is a string that is not taken for a number: 1.10 is not 1.1.
type verbatim string

// UnmarshalYAML implements yaml.BytesUnmarshaler.
func (v *verbatim) UnmarshalYAML(text []byte) error {
	var decoded any
	if err := yaml.Unmarshal(text, &decoded); err != nil {
		return err
	}
	switch d := decoded.(type) {
	case nil:
		*v = ""
	case string:
		*v = verbatim(d)
	case []any, map[string]any:
		return fmt.Errorf("want a string")
	default:
		*v = verbatim(strings.TrimSpace(string(text)))
	}
	return nil
}

// yamlProblem tells what is wrong with a manifest, and where.
func yamlProblem(name string, err error) runtime.Problem {
	problem := runtime.Problem{File: name, Message: err.Error()}
	if at, ok := errors.AsType[yaml.Error](err); ok {
		problem.Message = at.GetMessage()
		if token := at.GetToken(); token != nil {
			problem.Line, problem.Column = token.Position.Line, token.Position.Column
		}
	}
	return problem
}

// placeOf returns where the value of a key begins that stands at the beginning of a line; zeros where there is none.
func placeOf(text, key string) (line, column int) {
	for l := range strings.Lines(text) {
		line++
		if value, ok := strings.CutPrefix(l, key); ok {
			return line, len(l) - len(strings.TrimLeft(value, " \t")) + 1
		}
	}
	return 0, 0
}
