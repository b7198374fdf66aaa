package server_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/contract/carry"
	"github.com/scriptd/scriptd/engine/link"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster/rostertest"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster/symbols"
	"github.com/scriptd/scriptd/server"
	"github.com/scriptd/scriptd/sources/filesystem"
)

func serveRoster(t *testing.T, opts *server.Options) *serving {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, rostertest.Source()); err != nil {
		t.Fatal(err)
	}
	src, err := filesystem.New(filesystem.Options{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	eng, err := engine.New(t.Context(), engine.Options{
		Contracts: []engine.Contract{engine.NewContract[roster.Directory]("directory", 1, engine.Optional("Oldest"))},
		Symbols:   []interp.Exports{symbols.Symbols},
		Services:  []engine.Service{engine.NewService[roster.Clock](rostertest.Clock{})},
		Sources:   []engine.Source{{Name: "local", Type: "filesystem", Origin: dir, From: src}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { eng.Close() })
	return serveEngine(t, eng, opts)
}

func TestImplementationsAreListed(t *testing.T) {
	s := serveRoster(t, nil)
	got := send(t, "GET", s.url+"/v1/contracts", "", nil)
	var list []engine.Implementation
	if err := json.Unmarshal(got.body, &list); err != nil || len(list) != 1 || list[0].Contract != "directory" || list[0].Name != "staff" {
		t.Errorf("got %s, %v", got.body, err)
	}
	if got := send(t, "GET", serve(t, nil).url+"/v1/contracts", "", nil); string(got.body) != "[]\n" {
		t.Errorf("of an engine without contracts: got %s", got.body)
	}
}

func TestSessionsAreUpgrades(t *testing.T) {
	s := serveRoster(t, nil)
	got := send(t, "GET", s.url+link.Path, "", nil)
	wantProblem(t, got, http.StatusUpgradeRequired, link.Protocol)
	if got.header.Get("Upgrade") != link.Protocol {
		t.Errorf("got %v", got.header)
	}
	for _, head := range []string{
		"Connection: Upgrade\r\nUpgrade: websocket\r\n",
		"Connection: keep-alive\r\nUpgrade: " + link.Protocol + "\r\n",
		"Upgrade: " + link.Protocol + "\r\n",
	} {
		if _, _, status := dialSession(t, s, "127.0.0.1", head); status != http.StatusUpgradeRequired {
			t.Errorf("%s: status %d", head, status)
		}
	}
	// A page whose name was rebound to this machine.
	if _, _, status := dialSession(t, s, "evil.example.com", upgrade); status != http.StatusMisdirectedRequest {
		t.Errorf("status %d", status)
	}
	if _, _, status := dialSession(t, s, "127.0.0.1", "Connection: keep-alive, upgrade\r\nUpgrade: other, "+link.Protocol+"\r\n"); status != http.StatusSwitchingProtocols {
		t.Errorf("status %d", status)
	}
}

const upgrade = "Connection: Upgrade\r\nUpgrade: " + link.Protocol + "\r\n"

// dialSession asks for a session, over a connection that lasts until the test ends.
func dialSession(t *testing.T, s *serving, host, head string) (net.Conn, io.Reader, int) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", link.Path, host, head)
	r := bufio.NewReader(conn)
	resp, err := http.ReadResponse(r, nil) //nolint:bodyclose // it ends with the connection
	if err != nil {
		t.Fatal(err)
	}
	return conn, r, resp.StatusCode
}

func TestSessionsAreBounded(t *testing.T) {
	s := serveRoster(t, &server.Options{MaxSessions: 2})
	first, _, _ := dialSession(t, s, "localhost", upgrade)
	if _, _, status := dialSession(t, s, "localhost", upgrade); status != http.StatusSwitchingProtocols {
		t.Fatalf("status %d", status)
	}
	if _, _, status := dialSession(t, s, "localhost", upgrade); status != http.StatusTooManyRequests {
		t.Errorf("status %d, want %d", status, http.StatusTooManyRequests)
	}
	if got := send(t, "GET", s.url+"/metrics", "", nil); !strings.Contains(string(got.body), "scriptd_sessions 2\n") || !strings.Contains(string(got.body), "scriptd_sessions_total 2\n") {
		t.Errorf("metrics: %s", got.body)
	}
	first.Close()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, _, status := dialSession(t, s, "localhost", upgrade); status == http.StatusSwitchingProtocols {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the place of a session that has ended is not free")
		}
	}
}

// A client that asks for nothing, and one that does not answer whether it is there, keep no server from stopping.
func TestSessionsEnd(t *testing.T) {
	idle := serveRoster(t, &server.Options{SessionIdle: 30 * time.Millisecond})
	conn, r, _ := dialSession(t, idle, "localhost", upgrade)
	asked := make([]byte, 5)
	if _, err := io.ReadFull(r, asked); err != nil || binary.BigEndian.Uint32(asked) != 1 || asked[4] != 0 {
		t.Errorf("got %x, %v, want a question", asked, err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.Copy(io.Discard, r); err != nil {
		t.Errorf("the session goes on: %v", err)
	}
	s := serveRoster(t, &server.Options{ShutdownTimeout: 20 * time.Millisecond})
	dialSession(t, s, "localhost", upgrade)
	s.stop()
	if err := <-s.done; err != nil {
		t.Error(err)
	}
}

// Whatever comes over a session, the server serves others.
func TestHostileSessions(t *testing.T) {
	s := serveRoster(t, nil)
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 60 {
		conn, r, _ := dialSession(t, s, "localhost", upgrade)
		for range 50 {
			frame := make([]byte, 1+random.IntN(40))
			for i := range frame {
				frame[i] = byte(random.Uint32())
			}
			frame[0] = byte(random.IntN(6))
			if n%3 == 0 && len(frame) > 5 { // a call of Control
				copy(frame, []byte{1, byte(random.IntN(8)), 1, byte(random.IntN(6)), byte(random.IntN(4))})
			}
			if _, err := conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(frame))), frame...)); err != nil {
				break
			}
		}
		if n%2 == 0 {
			_, _ = conn.Write([]byte{0x7f, 0, 0, 0})
			_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
			if _, err := io.Copy(io.Discard, r); err != nil && !strings.Contains(err.Error(), "reset") {
				t.Errorf("the session goes on: %v", err)
			}
		}
	}
	if got := send(t, "GET", s.url+"/healthz", "", nil); got.status != http.StatusOK {
		t.Errorf("got %+v", got)
	}
	s.stop()
	select {
	case err := <-s.done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(60 * time.Second):
		t.Error("the server does not stop")
	}
}

// A client that asks and does not read holds up itself, and nothing grows.
func TestSessionsThatDoNotRead(t *testing.T) {
	s := serveRoster(t, nil)
	conn, _, _ := dialSession(t, s, "localhost", upgrade)
	before := goruntime.NumGoroutine()
	asks := bytes.Repeat([]byte{0, 0, 0, 5, 1, 0, 9, 0, 0}, 10_000) // of a reference that is none
	for {
		_ = conn.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
		if _, err := conn.Write(asks); err != nil {
			break
		}
	}
	if n := goruntime.NumGoroutine(); n > before+2*carry.MaxCalls+100 {
		t.Errorf("%d goroutines, %d before", n, before)
	}
	conn.Close()
	if got := send(t, "GET", s.url+"/healthz", "", nil); got.status != http.StatusOK {
		t.Errorf("got %+v", got)
	}
}
