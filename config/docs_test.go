package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const page = "../docs/configuration.md"

func readPage(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestDocsExamples loads every example of the page.
func TestDocsExamples(t *testing.T) {
	for _, name := range []string{"GIT_TOKEN", "HOOK_SECRET", "API_TOKEN", "S3_KEY"} {
		t.Setenv(name, "x")
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(readPage(t), -1)
	if len(examples) != 4 {
		t.Fatalf("got %d examples, want 4", len(examples))
	}
	for _, example := range examples {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "secrets"), 0o700); err != nil {
			t.Fatal(err)
		}
		for name, content := range map[string]string{"scriptd.yaml": example[1], "secrets/s3": "x\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Load(filepath.Join(dir, "scriptd.yaml")); err != nil {
			t.Error(err)
		}
	}
}

// TestSourcePages loads every example of the pages about sources, and looks for a row on each key of the kinds.
func TestSourcePages(t *testing.T) {
	for _, name := range []string{"GIT_TOKEN", "S3_KEY"} {
		t.Setenv(name, "x")
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for name, section := range map[string]any{
		"sources-git.md": gitSection{}, "sources-s3.md": s3Section{}, "sources-filesystem.md": filesystemSection{}, "trust.md": nil, "fleet.md": nil,
	} {
		content, err := os.ReadFile(filepath.Join("../docs", name))
		if err != nil {
			t.Fatal(err)
		}
		examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(content), -1)
		if len(examples) == 0 {
			t.Errorf("%s has no example", name)
		}
		for _, example := range examples {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "secrets"), 0o700); err != nil {
				t.Fatal(err)
			}
			for file, text := range map[string]string{"scriptd.yaml": example[1], "secrets/s3": "x\n", "allowed_signers": "x\n", "id_plugins.pub": "x\n"} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := Load(filepath.Join(dir, "scriptd.yaml")); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if section == nil {
			continue
		}
		fields, _ := fieldsOf(reflect.New(reflect.TypeOf(section)).Elem())
		for _, f := range fields {
			if !regexp.MustCompile(`(?m)^\| [^|]*` + "`" + f.name + "`").Match(content) {
				t.Errorf("%s: no row on the key %s", name, f.name)
			}
		}
	}
}

// TestDocsKeys looks for a row on each key in the part of the page that is about its section.
func TestDocsKeys(t *testing.T) {
	parts := regexp.MustCompile(`(?m)^##+ `).Split(readPage(t), -1)
	for heading, section := range map[string]any{
		"Top level":           file{},
		"Cache":               cacheSection{},
		"Isolation":           isolationSection{},
		"Sources":             sourceSection{},
		"filesystem":          filesystemSection{},
		"git":                 gitSection{},
		"s3":                  s3Section{},
		"Limits":              limitsSection{},
		"Limits of a package": usageSection{},
		"Webhook":             webhookSection{},
		"Verify":              verifySection{},
		"GitHub App":          appSection{},
		"Packages":            packageSection{},
		"Calls":               callsSection{},
		"Retry":               retrySection{},
		"Self-test":           selfTestSection{},
		"Permissions":         permissionsSection{},
	} {
		var rows string
		for _, part := range parts {
			if title, text, _ := strings.Cut(part, "\n"); title == heading {
				for line := range strings.Lines(text) {
					if cell, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " |"); ok {
						rows += cell + "\n"
					}
				}
			}
		}
		v := reflect.New(reflect.TypeOf(section)).Elem()
		fields, in := fieldsOf(v)
		for _, f := range fields {
			// The kinds have parts of their own.
			if in != nil && slices.Contains(in.names(), f.name) {
				continue
			}
			if !strings.Contains(rows, "`"+f.name+"`") {
				t.Errorf("%s, %s: no row on the key %s", page, heading, f.name)
			}
		}
	}
}
