package worker

import (
	"strings"
	"testing"
)

const overflowReport = `
runtime stack:
runtime.throw({0x145d79f?, 0x44711a?})
	/usr/local/go/src/runtime/panic.go:1229 +0x48

goroutine 24 gp=0x3dcdca32e1e0 m=6 mp=0x3dcdca058808 [running labels:{"at": "a \"b\"/p.go:19:39", "package": "s/p", "plugin": "p"}]:
github.com/traefik/yaegi/interp.call.func9(0x3dcdcec7adc0)
	/root/go/pkg/mod/github.com/traefik/yaegi@v0.16.1/interp/run.go:1291 +0xf2b

goroutine 25 [select labels:{"at": "other.go:1:1", "plugin": "other"}]:
`

func TestCrashErrors(t *testing.T) {
	for _, tt := range []struct {
		name           string
		status, report string
		stderr         []string // its lines
		want           string
		output         string
	}{
		{
			"fatal", "exit status 2", overflowReport,
			[]string{"said before", "fatal error: stack overflow", "runtime stack:"},
			`s/p crashed: fatal error: stack overflow (exit status 2), in plugin p of a "b"/p.go:19:39`, "goroutine 24",
		},
		{
			"fatal in another", "exit status 2", strings.ReplaceAll(overflowReport, "s/p", "s/q"),
			[]string{"fatal error: stack overflow"},
			`s/p crashed with s/q: fatal error: stack overflow (exit status 2), in plugin p of a "b"/p.go:19:39`, "goroutine 24",
		},
		{"panic", "exit status 2", "\ngoroutine 1 [running]:\nmain.main()\n", []string{"panic: oops"}, "s/p crashed: panic: oops (exit status 2)", "main.main"},
		{"signal", "signal: killed", "", nil, "s/p crashed: signal: killed", ""},
		{"exit", "exit status 3", "", []string{"one", "two"}, "s/p crashed: exit status 3: two", "one\ntwo"},
		{"labels that are none", "exit status 2", "\ngoroutine 1 [running labels:{\"at\": \"nowhere\"}]:\n", []string{"panic: x"}, "s/p crashed: panic: x (exit status 2)", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stderr := &tail{}
			for _, line := range tt.stderr {
				for _, part := range []string{line, "\n"} { // as go-plugin writes
					if _, err := stderr.Write([]byte(part)); err != nil {
						t.Fatal(err)
					}
				}
			}
			got := crashError("s/p", tt.status, tt.report, stderr)
			if got.Error() != tt.want || !strings.Contains(got.Output, tt.output) {
				t.Errorf("got  %s, with the output\n%s\nwant %s", got, got.Output, tt.want)
			}
		})
	}
}

func TestTailIsBounded(t *testing.T) {
	stderr := &tail{}
	for range 1000 {
		if _, err := stderr.Write([]byte(strings.Repeat("x", 100) + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := stderr.Write([]byte("end")); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("y", 10*maxReason)
	if _, err := stderr.Write([]byte("panic: " + long)); err != nil {
		t.Fatal(err)
	}
	crash := crashError("p", "s", "", stderr)
	if n := len(stderr.String()); n > maxTail || len(crash.Reason) > maxReason+10 {
		t.Errorf("%d bytes are kept, and a reason of %d", n, len(crash.Reason))
	}
}
