//go:build linux

package worker_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/worker"
)

// faultVariable is one that children get, and has those of a test fail to start as its value says.
const faultVariable = "LANG"

// The values of faultVariable, and what a load then says.
var startFaults = map[string]string{
	"worker-test-exits":  "exit status 3: it said: no, thanks",
	"worker-test-babble": "Unrecognized remote plugin message: good morning",
	"worker-test-old":    "incompatible API version with plugin. Plugin version: 3, Client versions: [4]",
	"worker-test-silent": "timeout while waiting for plugin to start",
}

// failToStart does what a test wants of a child.
func failToStart() {
	if os.Getenv("SCRIPTD_WORKER") == "" {
		return
	}
	switch os.Getenv(faultVariable) {
	case "worker-test-exits":
		fmt.Fprintln(os.Stderr, "no, thanks")
		os.Exit(3)
	case "worker-test-babble":
		fmt.Println("good morning")
		select {}
	case "worker-test-old":
		fmt.Println("1|3|unix|/nowhere|netrpc")
		select {}
	case "worker-test-silent":
		time.Sleep(time.Hour)
	}
}

// A process that does not start as it should is gone, and the load says why.
func TestProcessThatDoesNotStart(t *testing.T) {
	for fault, want := range startFaults {
		t.Run(fault, func(t *testing.T) {
			t.Setenv(faultVariable, fault)
			rt := open(t, worker.Options{Spares: -1, StartTimeout: 500 * time.Millisecond})
			_, err := rt.Load(t.Context(), pkg())
			if err == nil || !strings.HasPrefix(err.Error(), "load test/p: start a process: ") || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
			gone(t, rt.PIDs()...)
		})
	}
}

// The caller of a load does not wait longer for a process than he likes.
func TestLoadDoesNotWaitForProcess(t *testing.T) {
	t.Setenv(faultVariable, "worker-test-silent")
	rt := open(t, worker.Options{Spares: -1})
	p := pkg()
	p.Grace = 50 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := rt.Load(ctx, p); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Errorf("got %v", err)
	}
}
