package check_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/symbols"
)

// head and part are what plugins are made of: imports, and code that does what plugins do. A part has 29 lines.
const (
	head = `package p

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

var errEmpty = errors.New("empty")

`
	part = `type Item%[1]d struct {
	Name  string        ` + "`json:\"name\"`" + `
	Sizes []int         ` + "`json:\"sizes\"`" + `
	Every time.Duration ` + "`json:\"every\"`" + `
}

func (i Item%[1]d) String() string { return fmt.Sprintf("%%s every %%v", strings.ToUpper(i.Name), i.Every) }

func fetch%[1]d(ctx context.Context, url string) (map[string]Item%[1]d, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("request: %%w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var items []Item%[1]d
	if err := json.NewDecoder(resp.Body).Decode(&items); err != nil || len(items) == 0 {
		return nil, errors.Join(err, errEmpty)
	}
	slices.SortFunc(items, func(a, b Item%[1]d) int { return strings.Compare(a.Name, b.Name) })
	found := make(map[string]Item%[1]d, len(items))
	for i, item := range items {
		if slices.Contains(item.Sizes, i) {
			found[item.String()] = item
		}
	}
	return found, nil
}
`
)

// BenchmarkCheck checks a package with 8 imports, in a process that has checked others before.
func BenchmarkCheck(b *testing.B) {
	for _, lines := range []int{200, 2000} {
		b.Run(fmt.Sprintf("lines=%d", lines), func(b *testing.B) {
			var source strings.Builder
			source.WriteString(head)
			for i := 0; strings.Count(source.String(), "\n") < lines; i++ {
				fmt.Fprintf(&source, part, i)
			}
			cfg := check.Config{Tree: tree(source.String()), Dir: "p", Importer: symbols.Std(), Missing: granting(symbols.Net)}
			if _, err := check.Check(cfg); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := check.Check(cfg); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
