package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/scriptd/scriptd/config"
)

func ExampleLoad() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "scriptd.yaml")
	content := `
cache: {dir: cache}
sources:
  - name: examples
    filesystem: {path: plugins}
    interval: 10s
`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	cfg, err := config.Load(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range cfg.Options().Sources {
		fmt.Println(s.Name, s.Type, s.Interval)
	}
	fmt.Println(cfg.Listen())
	// Output:
	// examples filesystem 10s
	// 127.0.0.1:7070
}

func ExampleErrors() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "scriptd.yaml")
	content := `
sources:
  - name: examples
    filesystem: {path: plugins}
    intervall: 10s
    timeout: ${env:NO_SUCH_VARIABLE}
`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	_, err = config.Load(file)
	errs, _ := errors.AsType[config.Errors](err)
	for _, e := range errs {
		fmt.Println(e.Line, e.Column, e.Message)
	}
	// Output:
	// 5 5 unknown key "intervall": did you mean "interval"?
	// 6 14 timeout: ${env:NO_SUCH_VARIABLE}: the environment variable NO_SUCH_VARIABLE is not set
}
