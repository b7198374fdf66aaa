package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	tests := []struct {
		name      string
		want, got outcome
		stderr    string
		verdict   verdict
		reason    string
	}{
		{"the same", outcome{stdout: []byte("a\n"), status: 3}, outcome{stdout: []byte("a\n"), status: 3}, "", equal, ""},
		{
			"the same panic",
			outcome{panics: "panic: x", status: 2},
			outcome{panics: "panic: x", status: 2},
			"panic: x\n\ngoroutine 1 [running]:\ngithub.com/traefik/yaegi/interp.f\n", equal, "",
		},
		{
			"another output",
			outcome{stdout: []byte("a\nb\n")},
			outcome{stdout: []byte("a\nc\n")},
			"",
			wrong, "output differs in line 2",
		},
		{"another status", outcome{}, outcome{status: 4}, "what\nelse\n", wrong, "exit status 4, want 0: what"},
		{
			"another panic",
			outcome{panics: "panic: x", status: 2},
			outcome{panics: "panic: y", status: 2},
			"panic: y\n",
			wrong, `"panic: y", want "panic: x"`,
		},
		{
			"refused",
			outcome{},
			outcome{status: 65},
			"main.go:3:8: not supported by the interpreter: unsafe (why; what)\n",
			refused, "not supported by the interpreter: unsafe (why; what)",
		},
		{
			"taken for invalid", outcome{}, outcome{status: 1}, "main.go:3:8: undefined: x\n", refused, "taken for invalid: undefined: x",
		},
		{"the status of a refusal without one", outcome{}, outcome{status: 65}, "", wrong, "exit status 65, want 0: "},
		{"a fault of scriptd", outcome{}, outcome{status: 70}, "scriptd: no\n", crashed, "internal: scriptd: no"},
		{"killed", outcome{}, outcome{status: 139}, "", crashed, "killed, status 139: "},
		{
			"a panic of the interpreter",
			outcome{},
			outcome{status: 2},
			"panic: x\n\ngoroutine 1 [running]:\ngithub.com/traefik/yaegi/interp.f\n",
			crashed, "host fault: panic: x",
		},
		{"a fatal error", outcome{}, outcome{status: 2}, "fatal error: all goroutines are asleep\n", crashed, "host fault: fatal error: all goroutines are asleep"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := result{program: &program{want: tt.want}, got: tt.got, stderr: []byte(tt.stderr)}
			v, reason := scriptd("").judge(t.Context(), r)
			if v != tt.verdict || reason != tt.reason {
				t.Errorf("%s: %q, want %s: %q", v, reason, tt.verdict, tt.reason)
			}
		})
	}
	late, cancel := context.WithTimeout(t.Context(), 0*time.Second)
	defer cancel()
	if v, _ := scriptd("").judge(late, result{program: &program{}}); v != crashed {
		t.Errorf("what does not end: %s, want %s", v, crashed)
	}
}

func TestWant(t *testing.T) {
	tests := []struct {
		name, text string
		want       outcome
	}{
		{"nothing", "exit: 0\n", outcome{}},
		{"output", "a\nb\nexit: 3\n", outcome{stdout: []byte("a\nb\n"), status: 3}},
		{"a panic", "a\nstderr: panic: x\nexit: 2\n", outcome{stdout: []byte("a\n"), panics: "panic: x", status: 2}},
		{"a fatal error", "stderr: fatal error: x\nexit: 2\n", outcome{panics: "fatal error: x", status: 2}},
		{"what looks like a panic", "stderr: panic: x\nexit: 0\n", outcome{stdout: []byte("stderr: panic: x\n")}},
		{"what looks like an exit", "exit: 1\nexit: 2\n", outcome{stdout: []byte("exit: 1\n"), status: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseWant([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if string(got.stdout) != string(tt.want.stdout) || got.panics != tt.want.panics || got.status != tt.want.status {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if text := string(formatWant(got)); text != tt.text {
				t.Errorf("formatted: %q, want %q", text, tt.text)
			}
		})
	}
	for _, text := range []string{"", "a\n", "exit: 0", "exit: x\n"} {
		if _, err := parseWant([]byte(text)); err == nil {
			t.Errorf("%q is taken for a want.txt", text)
		}
	}
}

func TestRatchet(t *testing.T) {
	res := func(name string, v verdict) result {
		return result{program: &program{group: "test", name: name}, verdict: v}
	}
	name := filepath.Join(t.TempDir(), "ratchet.txt")
	if err := newRatchet("go1", []result{res("a", equal), res("b", refused), res("c", crashed)}).write(name); err != nil {
		t.Fatal(err)
	}
	r, err := readRatchet(name)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		version string
		results []result
		worse   string
	}{
		{"the same", "go1", []result{res("a", equal), res("b", refused), res("c", crashed)}, ""},
		{"better", "go1", []result{res("a", equal), res("b", equal), res("c", wrong)}, ""},
		{"one worse, one better", "go1", []result{res("a", refused), res("b", equal), res("c", crashed)}, "test/a was equal, is refused: "},
		{"refused once, wrong now", "go1", []result{res("a", equal), res("b", wrong)}, "test/b was refused, is wrong: "},
		{"a new program", "go1", []result{res("a", equal), res("d", wrong)}, "test/d was equal, is wrong: "},
		{"another Go", "go2", []result{res("a", wrong), res("b", equal)}, ""},
		{"another Go, fewer", "go2", []result{res("a", wrong), res("b", wrong)}, "0 programs are equal, were 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(r.worse(tt.version, tt.results), "\n"); got != tt.worse {
				t.Errorf("got %q, want %q", got, tt.worse)
			}
		})
	}
}

func TestUnexpected(t *testing.T) {
	p := &program{group: "g", name: "n"}
	listed, none := map[string]string{"g/n": "unsafe"}, map[string]string{}
	tests := []struct {
		name     string
		r        result
		refusals map[string]string
		ok       bool
	}{
		{"equal", result{program: p, verdict: equal}, none, true},
		{"equal, and listed", result{program: p, verdict: equal}, listed, false},
		{"refused, and listed", result{program: p, verdict: refused, reason: "it is unsafe"}, listed, true},
		{"refused for another reason", result{program: p, verdict: refused, reason: "cgo"}, listed, false},
		{"refused, and not listed", result{program: p, verdict: refused, reason: "it is unsafe"}, none, false},
		{"wrong, and listed", result{program: p, verdict: wrong}, listed, false},
		{"crashed", result{program: p, verdict: crashed}, none, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if problem := unexpected(tt.r, tt.refusals); (problem == "") != tt.ok {
				t.Errorf("problem %q", problem)
			}
		})
	}
}

// Programs that differ are noticed: this one prints what it is not expected to.
func TestDifferenceIsSeen(t *testing.T) {
	dir := t.TempDir()
	archive := "-- main.go --\npackage main\n\nfunc main() { print() }\n-- want.txt --\nsomething\nexit: 0\n"
	if err := os.MkdirAll(filepath.Join(dir, "g"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "g", "n.txtar"), []byte(archive), 0o666); err != nil {
		t.Fatal(err)
	}
	programs, err := readTestdata(dir)
	if err != nil || len(programs) != 1 {
		t.Fatal(programs, err)
	}
	if r := scriptdForTest(t).run(t.Context(), programs[0], testTimeout); r.verdict != wrong {
		t.Errorf("%s: %s, want %s", r.verdict, r.reason, wrong)
	}
}
