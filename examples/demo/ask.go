package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"time"
)

// patience is how long a change may take to be live.
const patience = 20 * time.Second

// scriptd runs the command line, and wants its output to contain texts.
func (d *demo) scriptd(ctx context.Context, args []string, want ...string) error {
	fmt.Fprintf(d.out, "$ scriptd %s\n", strings.Join(args, " "))
	text, err := d.command(ctx, d.path("scriptd"), append([]string{"-c", d.path("scriptd.yaml")}, args...)...)
	fmt.Fprintln(d.out, text)
	if err != nil {
		return err
	}
	return contains(text, want)
}

func (d *demo) command(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	if d.origins != nil {
		cmd.Env = d.origins.environment()
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", cmd, err, out)
	}
	return string(out), err
}

// get asks the daemon, and wants its answer to contain texts.
func (d *demo) get(ctx context.Context, path string, want ...string) error {
	text, err := d.send(ctx, http.MethodGet, path, "")
	fmt.Fprintf(d.out, "$ curl %s%s\n%s\n", d.daemon.url, path, text)
	if err != nil {
		return err
	}
	return contains(text, want)
}

// call calls a plugin over HTTP.
func (d *demo) call(ctx context.Context, plugin, params string, want ...string) error {
	path := "/v1/plugins/" + plugin + "/run"
	text, err := d.send(ctx, http.MethodPost, path, params)
	fmt.Fprintf(d.out, "$ curl -d '%s' %s%s\n%s\n", params, d.daemon.url, path, text)
	if err != nil {
		return err
	}
	return contains(text, want)
}

// callUntil calls a plugin until its answer contains a text, and says how long that took.
func (d *demo) callUntil(ctx context.Context, plugin, params, want string) error {
	return d.until(ctx, http.MethodPost, "/v1/plugins/"+plugin+"/run", params, want)
}

// getUntil asks the daemon until its answer contains a text.
func (d *demo) getUntil(ctx context.Context, path, want string) error {
	return d.until(ctx, http.MethodGet, path, "", want)
}

func (d *demo) until(ctx context.Context, method, path, body, want string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	start := time.Now()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		text, err := d.send(ctx, method, path, body)
		if err == nil && strings.Contains(text, want) {
			fmt.Fprintf(d.out, "%s\nlive after %s\n", text, time.Since(start).Round(time.Millisecond))
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s: want %s within %s, got %s (%w)", path, want, patience, text, err)
		}
	}
}

func (d *demo) send(ctx context.Context, method, path, body string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, d.daemon.url+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, resp.Status)
	}
	return strings.TrimSpace(string(text)), err
}

func contains(text string, want []string) error {
	for _, w := range want {
		if !strings.Contains(text, w) {
			return fmt.Errorf("no %q in %s", w, text)
		}
	}
	return nil
}
