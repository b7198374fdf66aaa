package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
)

// TestInterruptWhileReadingParameters has a standard input that never says anything.
func TestInterruptWhileReadingParameters(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	silent, end := io.Pipe()
	defer end.Close()
	asked := &onRead{Reader: silent, then: cancel}
	var stdout, stderr bytes.Buffer
	status := run(ctx, []string{"run", "hello", "--params", "-", "-o", "json"}, asked, &stdout, &stderr)
	if status != exitInterrupted {
		t.Errorf("status %d, want %d: %s", status, exitInterrupted, stderr.String())
	}
	if !strings.Contains(stdout.String(), `"success": false`) {
		t.Errorf("stdout %s", stdout.String())
	}
}

// onRead calls then before it reads.
type onRead struct {
	io.Reader
	then func()
}

func (r *onRead) Read(p []byte) (int, error) {
	r.then()
	return r.Reader.Read(p)
}
