//go:build linux

package confine

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"

	"github.com/scriptd/scriptd/engine/runtime"
)

// accessTo adds up what rules allow of a path, its folders included.
func accessTo(f fileRules, path string) uint64 {
	var access uint64
	for _, r := range f.rules {
		target, err := filepath.EvalSymlinks(r.path)
		if rel, relErr := filepath.Rel(target, path); err == nil && relErr == nil && filepath.IsLocal(rel) {
			access |= r.access
		}
	}
	return access
}

func TestFileRules(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", file)
	const write = ll.AccessFSWriteFile
	tests := []struct {
		name   string
		policy Policy
		path   string
		want   uint64 // has all of this
		not    uint64 // and nothing of that
	}{
		{"nothing", Policy{}, dir, 0, readDir | write},
		{"a certificate that a variable names", Policy{}, file, readFile, write},
		{"private keys beside certificates", Policy{}, "/etc/ssl/private", 0, readDir},
		{"names of hosts without net", Policy{}, "/etc/hosts", 0, readFile},
		{"names of hosts with net", Policy{Permissions: runtime.Permissions{Net: []string{"*:80"}}}, "/etc/hosts", readFile, write},
		{"read", Policy{Permissions: runtime.Permissions{Read: []string{dir}}}, dir, readDir, write | ll.AccessFSExecute},
		{"write", Policy{Permissions: runtime.Permissions{Write: []string{dir}}}, dir, writeDir, ll.AccessFSExecute | ll.AccessFSMakeSock | ll.AccessFSMakeBlock},
		{"a file", Policy{Permissions: runtime.Permissions{Write: []string{file}}}, file, writeFile, onlyDir},
		{"temp without write", Policy{Temp: dir}, dir, 0, readDir | write},
		{"temp with write", Policy{Temp: dir, Permissions: runtime.Permissions{Write: []string{file}}}, dir, writeDir, 0},
		{"its own needs", Policy{Read: []string{dir}}, dir, readDir, write},
		{"a program", Policy{Permissions: runtime.Permissions{Run: []string{"cat"}}}, look(t, "cat"), runFile, write},
		{"not another program", Policy{Permissions: runtime.Permissions{Run: []string{"cat"}}}, look(t, "ls"), 0, ll.AccessFSExecute},
		{"a folder of programs", Policy{Permissions: runtime.Permissions{Run: []string{dir}}}, dir, runDir, write},
		{"all programs", Policy{Permissions: runtime.Permissions{Run: []string{"*"}}}, look(t, "ls"), runFile, write},
		{"all programs, and what is read", Policy{Permissions: runtime.Permissions{Run: []string{"*"}, Read: []string{dir}}}, dir, runDir, write},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			net, err := parseNetwork(tt.policy.Permissions.Net, nil)
			if err != nil {
				t.Fatal(err)
			}
			f, err := newFileRules(tt.policy, net)
			if err != nil || len(f.ignored) > 0 {
				t.Fatalf("got %v and %v", f.ignored, err)
			}
			if got := accessTo(f, tt.path); got&tt.want != tt.want || got&tt.not != 0 {
				t.Errorf("got %#x of %s, want %#x and nothing of %#x", got, tt.path, tt.want, tt.not)
			}
		})
	}
}

func look(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func TestInterpreters(t *testing.T) {
	dir := t.TempDir()
	script := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
		return path
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path string
		want       []string
	}{
		{"a script", script("a", "#!/bin/sh\n"), []string{"/bin/sh"}},
		{"with an argument", script("b", "#! /bin/sh -e\n"), []string{"/bin/sh"}},
		{"by env", script("c", "#!/usr/bin/env sh\n"), []string{"/usr/bin/env", sh}},
		{"by env with more", script("d", "#!/usr/bin/env -S A=b sh -e\n"), []string{"/usr/bin/env", sh}},
		{"text", script("e", "sh\n"), nil},
		{"nothing", script("f", ""), nil},
		{"no interpreter", script("g", "#!\n"), nil},
		{"no such file", filepath.Join(dir, "none"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := interpreters(tt.path); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	loop := script("loop", "")
	script("loop", "#!"+loop+"\n")
	var f fileRules
	f.program(loop, 0)
	if len(f.rules) == 0 || len(f.rules) > maxInterpreters+1 {
		t.Errorf("a script that runs itself: got %d rules", len(f.rules))
	}
	if got := interpreters(look(t, "cat")); len(got) != 1 || !filepath.IsAbs(got[0]) {
		t.Errorf("a program: got %q, want its dynamic linker", got)
	}
}

// TestDescribe holds what is said of kernels other than this one.
func TestDescribe(t *testing.T) {
	net := Policy{Permissions: runtime.Permissions{Net: []string{"192.0.2.1:80"}, Write: []string{"/tmp"}, Run: []string{"true"}}}
	tests := []struct {
		name   string
		policy Policy
		kernel kernel
		want   []string // not enforced
	}{
		{"the newest", net, kernel{landlock: abiUDP, seccomp: true}, nil},
		{"no UDP", net, kernel{landlock: abiThreads, seccomp: true}, []string{"network: UDP reaches every port: it takes Landlock 10, and this is 8"}},
		{"without Scope", net, kernel{landlock: abiScopes, seccomp: true}, []string{
			"network: UDP reaches every port: it takes Landlock 10, and this is 6", "signals: to all processes of this user: Scope was not called",
		}},
		{"with it", net, kernel{landlock: abiScopes, seccomp: true, scoped: true}, []string{
			"network: UDP reaches every port: it takes Landlock 10, and this is 6",
		}},
		{"Linux 6.1", net, kernel{landlock: abiRefer, seccomp: true}, []string{
			"files: any may be emptied: Landlock 2 does not cover that, 3 does",
			"network: all ports: it takes Landlock 4, and this is 2",
			"network: UDP reaches every port: it takes Landlock 10, and this is 2",
			"signals: to all processes of this user: it takes Landlock 6, and this is 2",
		}},
		{"Linux 6.1, nothing granted", Policy{}, kernel{landlock: abiRefer, seccomp: true}, nil},
		{"no kernel to speak of", Policy{}, kernel{}, []string{
			"files: all of this user's: " + noLandlock, "system calls: all that this user may make: " + noSeccomp,
			"network: all ports: it takes Landlock 4, and this is 0", "network: UDP reaches every port: it takes Landlock 10, and this is 0",
			"signals: to all processes of this user: it takes Landlock 6, and this is 0",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, err := parseNetwork(tt.policy.Permissions.Net, nil)
			if err != nil {
				t.Fatal(err)
			}
			var r Report
			r.describe(tt.policy, tt.kernel, n)
			if !slices.Equal(r.Missing, tt.want) {
				t.Errorf("got %q, want %q", r.Missing, tt.want)
			}
		})
	}
}
