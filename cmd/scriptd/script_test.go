package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/sources/sourcetest/s3server"
)

func TestMain(m *testing.M) {
	engine.ServeWorker()
	testscript.Main(m, map[string]func(){"scriptd": main})
}

// TestScripts runs the scripts of testdata/script: the command line as its users see it. On top of the commands of
// package testscript they have
//
//	exits STATUS COMMAND...       run a command that has to end with this status
//	listening FILE                wait until scriptd serve says in its log FILE where it listens, and set $URL to it
//	http METHOD PATH [FILE] [NAME:VALUE]...   a request to $URL, with a body and headers; stdout is the status, the
//	                              content type and the body
//	until PATTERN METHOD PATH     repeat a request until its answer matches
//	gitserver [USER PASSWORD]     serve the repositories below $WORK/git over smart HTTP, at $GIT
//	gitpush REPOSITORY FOLDER     commit a folder to one of them
//	s3server                      start an S3 server at $S3, which wants $S3_KEY and $S3_SECRET
//	s3down                        end it
//	bucket NAME FOLDER            put the files of a folder into a bucket of it
//	digests PACKAGE               set $DIGEST1, $DIGEST2 … to the versions of its history, the newest first
//	spoil PATTERN                 change a byte in the middle of files
//	expand FILE                   replace the variables in a file; $$ is a $
//
// UPDATE_SCRIPTS=1 puts what a command prints now in place of the files that cmp compares it with.
func TestScripts(t *testing.T) {
	goEnv := goEnvironment(t)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".cache"))
			env.Setenv("HOME", filepath.Join(env.WorkDir, ".home"))
			env.Setenv("MODULE", filepath.Dir(goEnv["GOMOD"]))
			// Scripts that run the go command build from what is on this machine.
			env.Setenv("GOCACHE", goEnv["GOCACHE"])
			env.Setenv("GOMODCACHE", goEnv["GOMODCACHE"])
			env.Setenv("GOPROXY", "off")
			// Under the race detector each process would wait for a second before it ends.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Values[s3Key{}] = new(*s3server.Server)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":     exits,
			"listening": listening,
			"http":      request,
			"until":     until,
			"gitserver": gitServer,
			"gitpush":   gitPush,
			"s3server":  s3Server,
			"s3down":    s3Down,
			"bucket":    bucket,
			"expand":    expand,
			"digests":   digests,
			"spoil":     spoil,
		},
	})
}

func goEnvironment(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "-json", "GOMOD", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	var vars map[string]string
	if err := json.Unmarshal(out, &vars); err != nil {
		t.Fatal(err)
	}
	return vars
}

// exits runs a command that has to end with a status of its own.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got, err := exitCode(ts.Exec(args[1], args[2:]...))
	ts.Check(err)
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &exit):
		return exit.ExitCode(), nil
	default:
		return 0, fmt.Errorf("no exit status: %w", err)
	}
}

// digests sets variables to the digests of a package's history.
func digests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: digests PACKAGE")
	}
	ts.Check(ts.Exec("scriptd", "history", args[0], "-o", "json"))
	var versions []engine.Version
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &versions))
	for i, v := range versions {
		ts.Setenv("DIGEST"+strconv.Itoa(i+1), string(v.Digest))
	}
}

// spoil changes a byte in the middle of each file that a pattern matches.
func spoil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: spoil PATTERN")
	}
	names, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(names) == 0 {
		ts.Fatalf("there is no %s", args[0])
	}
	for _, name := range names {
		content := []byte(ts.ReadFile(name))
		content[len(content)/2] ^= 1
		ts.Check(os.WriteFile(name, content, 0o600))
	}
}

// expand replaces the variables in a file, except $$, which becomes a $.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: expand FILE")
	}
	text := os.Expand(ts.ReadFile(args[0]), func(name string) string {
		if name == "$" {
			return name
		}
		return ts.Getenv(name)
	})
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
}
