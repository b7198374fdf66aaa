package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long a script waits for what has to happen. It is reached only where a test fails.
const patience = 30 * time.Second

var listeningLine = regexp.MustCompile(`(?m)^listening on (http://\S+)$`)

// listening waits for a server that was started in the background.
func listening(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: listening FILE")
	}
	ok := eventually(func() bool {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if match := listeningLine.FindSubmatch(text); err == nil && match != nil {
			ts.Setenv("URL", string(match[1]))
			return true
		}
		return false
	})
	if !ok {
		ts.Fatalf("no server: %s", ts.ReadFile(args[0]))
	}
}

// request sends one request.
func request(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: http METHOD PATH [FILE] [HEADER]...")
	}
	body, headers := "", args[2:]
	if len(headers) > 0 && !strings.Contains(headers[0], ":") {
		body, headers = ts.ReadFile(headers[0]), headers[1:]
	}
	answer, err := send(args[0], ts.Getenv("URL")+args[1], body, headers...)
	ts.Check(err)
	fmt.Fprint(ts.Stdout(), answer)
}

// until repeats a request.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: until PATTERN METHOD PATH")
	}
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	var answer string
	ok := eventually(func() bool {
		answer, err = send(args[1], ts.Getenv("URL")+args[2], "")
		return err == nil && pattern.MatchString(answer)
	})
	if !ok {
		ts.Fatalf("no match for %s: error %v, answer %s", pattern, err, answer)
	}
	fmt.Fprint(ts.Stdout(), answer)
}

func send(method, url, body string, headers ...string) (string, error) {
	req, err := http.NewRequest(method, url, strings.NewReader(body)) //nolint:noctx // the client has a timeout
	if err != nil {
		return "", err
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ":")
		req.Header.Set(name, strings.TrimSpace(value))
	}
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return fmt.Sprintf("%s\n%s\n%s", resp.Status, resp.Header.Get("Content-Type"), text), err
}

// eventually asks again and again whether something has happened.
func eventually(happened func() bool) bool {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		if happened() {
			return true
		}
	}
	return false
}
