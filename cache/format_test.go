package cache_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestFormat reads a store as docs/cache-format.md says that another program can.
func TestFormat(t *testing.T) {
	dir := t.TempDir()
	a := store(t, openDisk(t, dir), small())
	read := func(parts ...string) string {
		content, err := os.ReadFile(filepath.Join(append([]string{dir}, parts...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	sum := func(content string) string {
		sum := sha256.Sum256([]byte(content))
		return hex.EncodeToString(sum[:])
	}
	if got := read("version"); got != "scriptd cache 1\n" {
		t.Errorf("got version %q", got)
	}
	journal := files(t, filepath.Join(dir, "journal", "team", "*"))
	if len(journal) != 1 || len(filepath.Base(journal[0])) != 19+1+64+len(".json") {
		t.Fatalf("got journal %v", journal)
	}
	for _, name := range []string{"active/team.json", "journal/team/" + filepath.Base(journal[0])} {
		var r struct {
			Record json.RawMessage `json:"record"`
			SHA256 string          `json:"sha256"`
		}
		if err := json.Unmarshal([]byte(read(name)), &r); err != nil {
			t.Fatal(err)
		}
		var active map[string]string
		if err := json.Unmarshal(r.Record, &active); err != nil {
			t.Fatal(err)
		}
		if sum(string(r.Record)) != r.SHA256 || active["digest"] != string(a.Digest) || active["origin"] != "o" || active["revision"] != "r" {
			t.Errorf("%s: got %v", name, active)
		}
	}
	tree := strings.TrimPrefix(string(a.Digest), "sha256:")
	listing := read("trees", tree)
	if sum(listing) != tree {
		t.Errorf("the listing has another SHA-256 than its name")
	}
	lines := strings.Split(strings.TrimSuffix(listing, "\n"), "\n")
	if lines[0] != "scriptd tree 1" || len(lines) != 1+len(small()) {
		t.Fatalf("got listing %q", listing)
	}
	for _, line := range lines[1:] {
		fields := strings.SplitN(line, " ", 4)
		path, err := strconv.Unquote(fields[3])
		if err != nil {
			t.Fatal(err)
		}
		content := read("blobs", fields[1][:2], fields[1])
		want := small()[path]
		if want == nil || content != string(want.Data) || sum(content) != fields[1] || strconv.Itoa(len(content)) != fields[2] || (fields[0] == "100755") != (want.Mode&0o100 != 0) {
			t.Errorf("got %q, content %q", line, content)
		}
	}
}
