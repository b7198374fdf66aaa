package git_test

import (
	"fmt"
	"io"
	"log"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources/git"
)

// However a source is printed, the credentials in its URL are not.
func TestPrinting(t *testing.T) {
	src := open(t, git.Options{URL: "https://me:hunter2-hunter2@git.example.com/team/plugins.git"})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if got := fmt.Sprintf(verb, src); strings.Contains(got, "hunter2") || !strings.Contains(got, "git.example.com/team/plugins.git") {
			t.Errorf("%s: got %s", verb, got)
		}
	}
}

// quiet is the log of a server that is to fail.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
