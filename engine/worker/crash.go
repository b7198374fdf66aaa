package worker

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/scriptd/scriptd/engine/runtime"
)

// The labels of goroutines that run a package: its name, that of the plugin, and where it was registered.
const (
	labelPackage = "package"
	labelPlugin  = "plugin"
	labelPlace   = "at"
)

// maxTail bounds what is kept of what a process writes to its standard error.
const maxTail = 8 << 10

// tail keeps the end of what is written, and the first line that says what is fatal: the Go runtime prints it before its report, and
// not as part of it. Lines begin with a write of their own.
type tail struct {
	mu    sync.Mutex
	buf   []byte
	fatal string
}

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fatal == "" && fatalLine().Match(b) {
		t.fatal = string(b)
	}
	t.buf = append(t.buf, b...)
	if over := len(t.buf) - maxTail; over > 0 {
		t.buf = t.buf[:copy(t.buf, t.buf[over:])]
	}
	return len(b), nil
}

// String returns what is kept, without space around it.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.buf))
}

// fatalText returns the line that says what is fatal.
func (t *tail) fatalText() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.fatal
}

var fatalLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(fatal error|panic|SIG\w+): `) })

// maxReason bounds the reason of a crash, in bytes: a panic may have any text.
const maxReason = 500

// crashError says why a process is gone: what the Go runtime reported, else how it ended and what it wrote last.
func crashError(pkg, status, report string, stderr *tail) *runtime.CrashError {
	fatal := stderr.fatalText()
	e := &runtime.CrashError{Package: pkg, Reason: status, Output: stderr.String()}
	if report != "" { // its beginning matters
		e.Output = strings.TrimSpace(fatal + report[:min(len(report), maxTail)])
	}
	if fatal != "" {
		e.Reason = cut(fatal) + " (" + status + ")"
	} else if last := e.Output[strings.LastIndexByte(e.Output, '\n')+1:]; last != "" {
		e.Reason += ": " + cut(last)
	}
	for words, limit := range exhausted {
		if strings.Contains(e.Reason, words) {
			e.Reason += " (limits: " + limit + ")"
		}
	}
	labels := crashLabels(report)
	if culprit := labels[labelPackage]; culprit != pkg {
		e.Culprit = culprit
	}
	e.Plugin = labels[labelPlugin]
	if m := place().FindStringSubmatch(labels[labelPlace]); m != nil {
		e.File = m[1]
		e.Line, _ = strconv.Atoi(m[2]) // digits
		e.Column, _ = strconv.Atoi(m[3])
	}
	return e
}

func cut(line string) string { return line[:min(len(line), maxReason)] }

// exhausted are the words of the Go runtime for what a process has none left of, and the limit that it is.
var exhausted = map[string]string{
	"out of memory": "memory", "cannot allocate memory": "memory", "thread exhaustion": "processes",
	"failed to create new OS thread": "processes",
}

// labelled matches the labels of a goroutine, which the Go runtime prints as {"key": "value", …}. The first goroutine is the
// one that crashed.
var (
	labelled = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^goroutine \d+ .*labels:\{(.*)\}\]:$`) })
	pair     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`("(?:[^"\\]|\\.)*"): ("(?:[^"\\]|\\.)*")`) })
	place    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(.+):(\d+):(\d+)$`) })
)

func crashLabels(report string) map[string]string {
	labels := make(map[string]string)
	first := strings.Index(report, "\ngoroutine ")
	if first < 0 {
		return labels
	}
	line, _, _ := strings.Cut(report[first+1:], "\n")
	m := labelled().FindStringSubmatch(line)
	if m == nil {
		return labels
	}
	for _, p := range pair().FindAllStringSubmatch(m[1], -1) {
		key, _ := strconv.Unquote(p[1]) // it matches
		labels[key], _ = strconv.Unquote(p[2])
	}
	return labels
}
