package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/scriptd/scriptd/sources/sourcetest/s3server"
)

// demo is what the steps share.
type demo struct {
	out     io.Writer
	dir     string
	origins *origins
	daemon  *daemon
}

// close ends what is still running.
func (d *demo) close() {
	if d.daemon != nil {
		d.daemon.kill()
	}
	if d.origins != nil {
		d.origins.close()
	}
}

func (d *demo) path(elem ...string) string { return filepath.Join(append([]string{d.dir}, elem...)...) }

func (d *demo) build(ctx context.Context) error {
	_, err := d.command(ctx, "go", "build", "-o", d.path("scriptd"), "./cmd/scriptd")
	if err != nil {
		return err
	}
	return d.scriptd(ctx, []string{"version"}, "scriptd ")
}

// firstCall is what the README begins with: a plugin from a folder.
func (d *demo) firstCall(ctx context.Context) error {
	text, err := os.ReadFile("examples/scriptd.yaml")
	if err != nil {
		return err
	}
	plugins, err := filepath.Abs("examples/plugins")
	if err != nil {
		return err
	}
	config := "cache: {dir: cache-of-the-first-call}\n" + strings.Replace(string(text), "path: plugins}", "path: "+plugins+"}", 1)
	if err := os.WriteFile(d.path("scriptd.yaml"), []byte(config), 0o600); err != nil {
		return err
	}
	return firstError(
		func() error { return d.scriptd(ctx, []string{"list"}, "hello", "service_status") },
		func() error {
			return d.scriptd(ctx, []string{"run", "hello", "--param", "name=Gopher"}, "hello, Gopher")
		},
	)
}

func (d *demo) startOrigins(ctx context.Context) (err error) {
	if _, built := s3server.Find(); !built {
		fmt.Fprintln(d.out, "Building versitygw, the S3 server: a minute or so, once.")
	}
	d.origins, err = startOrigins(ctx, d.dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "folder  %s\ngit     %s\nS3      %s\n", d.path("plugins"), d.origins.gitURL(), d.origins.s3.Endpoint())
	return nil
}

func (d *demo) configure(context.Context) error {
	text := d.origins.config()
	fmt.Fprint(d.out, text)
	return os.WriteFile(d.path("scriptd.yaml"), []byte(text), 0o600)
}

func (d *demo) serve(ctx context.Context) (err error) {
	d.daemon, err = startDaemon(ctx, d.path("scriptd"), d.dir, d.origins.environment())
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "$ scriptd serve\nlistening on %s\n", d.daemon.url)
	return d.get(ctx, "/readyz", `"ready":true`)
}

func (d *demo) list(ctx context.Context) error {
	return firstError(
		func() error { return d.scriptd(ctx, []string{"list"}, "hello", "service_status", "external_api") },
		func() error { return d.scriptd(ctx, []string{"sources"}, "folder", "team", "bucket") },
		func() error { return d.scriptd(ctx, []string{"describe", "service_status"}, "service_url") },
		func() error { return d.get(ctx, "/v1/plugins", `"hello"`, `"service_status"`, `"external_api"`) },
	)
}

func (d *demo) callAll(ctx context.Context) error {
	health := d.daemon.url + "/healthz"
	return firstError(
		func() error { return d.scriptd(ctx, []string{"run", "hello", "--param", "name=Ada"}, "hello, Ada") },
		func() error { return d.call(ctx, "hello", `{"name": "Ada"}`, `"data":"hello, Ada"`) },
		func() error {
			return d.scriptd(ctx, []string{"run", "service_status", "--param", "service_url=" + health}, `"healthy": true`)
		},
		func() error { return d.call(ctx, "service_status", `{"service_url": "`+health+`"}`, `"healthy":true`) },
		func() error {
			return d.scriptd(ctx, []string{"run", "external_api", "-p", "query=gopher", "-p", "limit=1", "-o", "json"}, `"Gopher"`)
		},
		func() error { return d.call(ctx, "external_api", `{"query": "gopher"}`, `"Gopher"`) },
	)
}

func (d *demo) editFolder(ctx context.Context) error {
	return firstError(
		func() error { return d.replace("hello/hello.go", `"hello, " + p.Name`, `"good day, " + p.Name`) },
		func() error { return d.callUntil(ctx, "hello", `{"name": "Ada"}`, `"data":"good day, Ada"`) },
	)
}

func (d *demo) pushGit(ctx context.Context) error {
	// Nothing is at this address: to the plugin as it is, an answer of 404 is not healthy.
	missing := `{"service_url": "` + d.daemon.url + `/nothing"}`
	return firstError(
		func() error { return d.call(ctx, "service_status", missing, `"healthy":false`) },
		func() error {
			fmt.Fprintln(d.out, "Commit to the repository: every answer below 500 is healthy.")
			return d.origins.push(ctx, "resp.StatusCode < 300", "resp.StatusCode < 500")
		},
		func() error { return d.callUntil(ctx, "service_status", missing, `"healthy":true`) },
	)
}

func (d *demo) putObject(ctx context.Context) error {
	return firstError(
		func() error {
			fmt.Fprintln(d.out, "Put external_api/external.go, with another description.")
			return d.origins.put(ctx, "Search an external HTTP API", "Search the encyclopedia of gophers")
		},
		func() error { return d.getUntil(ctx, "/v1/plugins/external_api", "Search the encyclopedia of gophers") },
	)
}

func (d *demo) breakFolder(ctx context.Context) error {
	return firstError(
		func() error { return d.replace("hello/hello.go", "p.Name, nil", "p.Title, nil") },
		func() error { return d.getUntil(ctx, "/v1/sources", "hello/hello.go:") },
		func() error { return d.call(ctx, "hello", `{"name": "Ada"}`, `"data":"good day, Ada"`) },
	)
}

func (d *demo) shutDown(context.Context) error {
	fmt.Fprintln(d.out, "SIGTERM to scriptd serve.")
	daemon := d.daemon
	d.daemon = nil
	return daemon.stop()
}

// replace edits a file of the folder.
func (d *demo) replace(name, from, to string) error {
	file := d.path("plugins", filepath.FromSlash(name))
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	edited := strings.Replace(string(text), from, to, 1)
	if edited == string(text) {
		return fmt.Errorf("%s has no %s", name, from)
	}
	fmt.Fprintf(d.out, "Edit plugins/%s:\n  - %s\n  + %s\n", name, from, to)
	return os.WriteFile(file, []byte(edited), 0o600)
}

// firstError does one thing after the other until one fails.
func firstError(things ...func() error) error {
	for _, do := range things {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}
