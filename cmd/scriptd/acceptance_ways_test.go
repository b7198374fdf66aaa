package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// interval is that of the sources that are polled.
const interval = 200 * time.Millisecond

// cli runs a verb in this process. It has to end with a status; what it prints on stdout is returned.
func cli(t testing.TB, want int, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if got := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr); got != want {
		t.Errorf("scriptd %s: exit status %d, want %d: %s", strings.Join(args, " "), got, want, stderr.String())
	}
	return stdout.String()
}

// daemon is scriptd serve in this process.
type daemon struct {
	url string
	log *transcript
}

// transcript is a log that is read while it is written.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *transcript) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *transcript) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// serve starts a daemon on a free port. It ends with the test.
func serve(t testing.TB, config string) *daemon {
	t.Helper()
	d := &daemon{log: &transcript{}}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"-c", config, "serve", "--listen", "127.0.0.1:0"}, strings.NewReader(""), io.Discard, d.log)
	}()
	t.Cleanup(func() {
		cancel()
		if status := <-ended; status != exitOK {
			t.Errorf("serve: exit status %d: %s", status, d.log)
		}
	})
	ok := eventually(func() bool {
		match := listeningLine.FindStringSubmatch(d.log.String())
		if match != nil {
			d.url = match[1]
		}
		return match != nil
	})
	if !ok {
		t.Fatalf("no server: %s", d.log)
	}
	return d
}

// ask sends a request, which has to be answered with a status, and returns the body.
func (d *daemon) ask(t testing.TB, method, path, body string, want int) string {
	t.Helper()
	answer, status := d.send(t, method, path, body)
	if status != want {
		t.Errorf("%s %s: status %d, want %d: %s", method, path, status, want, answer)
	}
	return answer
}

func (d *daemon) send(t testing.TB, method, path, body string) (answer string, status int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), resp.StatusCode
}

// answers reports whether a plugin answers with that data now.
func (d *daemon) answers(t testing.TB, name string, want any) bool {
	t.Helper()
	answer, status := d.send(t, http.MethodPost, "/v1/plugins/"+name+"/run", "")
	var envelope struct{ Data any }
	return status == http.StatusOK && json.Unmarshal([]byte(answer), &envelope) == nil && reflect.DeepEqual(envelope.Data, want)
}

// object decodes JSON.
func object[T any](t testing.TB, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

func encode(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sameSet reports whether two JSON values are the same, whatever the order of their lists.
func sameSet(a, b any) bool {
	return reflect.DeepEqual(sorted(a), sorted(b))
}

func sorted(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := make(map[string]any, len(v))
		for key, e := range v {
			m[key] = sorted(e)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = sorted(e)
		}
		slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return list
	default:
		return v
	}
}
