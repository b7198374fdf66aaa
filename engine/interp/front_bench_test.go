package interp

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/check"
)

// frontHead is what a plugin begins with.
const frontHead = `package p

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sort"
	"strings"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

var (
	_ = http.StatusOK
	_ context.Context
)

func Register(r *plugin.Registrar) error {
	for _, add := range registered {
		if err := add(r); err != nil {
			return err
		}
	}
	return nil
}

var registered []func(*plugin.Registrar) error
`

// frontPart is about what plugins are made of; # is a number.
const frontPart = `
// Params# are the parameters of part #.
type Params# struct {
	// URL is what is asked.
	URL   string        ` + "`json:\"url\"`" + `
	Limit int           ` + "`json:\"limit\" default:\"10\"`" + `
	Wait  time.Duration ` + "`json:\"wait,omitempty\"`" + `
	Tags  []string      ` + "`json:\"tags,omitempty\"`" + `
}

type item# struct {
	Name  string
	Score float64
	at    time.Time
}

func (i item#) String() string { return fmt.Sprintf("%s (%.1f)", i.Name, i.Score) }

type source# interface {
	fetch(ctx context.Context, limit int) ([]item#, error)
	name() string
}

type failure# struct {
	code int
	err  error
}

func (f *failure#) Error() string { return fmt.Sprint("status ", f.code, ": ", f.err) }
func (f *failure#) Unwrap() error { return f.err }

type fixed# struct{ items map[string]float64 }

func (f *fixed#) name() string { return "fixed" }

func (f *fixed#) fetch(ctx context.Context, limit int) (list []item#, err error) {
	defer func() {
		if err != nil {
			err = &failure#{500, err}
		}
	}()
	for name, score := range f.items {
		if len(list) == limit {
			return nil, errors.New("too many")
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		default:
			list = append(list, item#{Name: strings.ToUpper(name), Score: score, at: time.Now()})
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Score > list[j].Score })
	return list, nil
}

func best#[T any](list []T, better func(a, b T) bool) (found T, ok bool) {
	for i, v := range list {
		if i == 0 || better(v, found) {
			found, ok = v, true
		}
	}
	return found, ok
}

func handle#(ctx context.Context, p Params#) (map[string]any, error) {
	ctx, cancel := context.WithTimeout(ctx, p.Wait+time.Second)
	defer cancel()
	var src source# = &fixed#{items: map[string]float64{"a": 1, "b": 2.5}}
	list, err := src.fetch(ctx, max(p.Limit, len(p.Tags)))
	var failed *failure#
	if errors.As(err, &failed) && failed.code >= 500 {
		return nil, fmt.Errorf("%s: %w", src.name(), err)
	}
	top, ok := best#(list, func(a, b item#) bool { return a.Score > b.Score })
	text, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	return map[string]any{"top": top.String(), "found": ok, "all": json.RawMessage(text)}, nil
}

func init() {
	registered = append(registered, func(r *plugin.Registrar) error {
		return r.Add(plugin.Spec{Name: "part_#"}, handle#)
	})
}
`

// frontSource is a plugin of about as many lines.
func frontSource(lines int) string {
	var b strings.Builder
	b.WriteString(frontHead)
	for i := 0; strings.Count(b.String(), "\n") < lines-20; i++ {
		b.WriteString(strings.ReplaceAll(frontPart, "#", fmt.Sprint(i)))
	}
	return b.String()
}

// BenchmarkFront measures what comes before the interpreter: the check and the translation of a package, once the symbol
// tables of the process are built.
func BenchmarkFront(b *testing.B) {
	for _, lines := range []int{200, 2000} {
		source := frontSource(lines)
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			r := New()
			var checking, lowering time.Duration
			front := func() {
				start := time.Now()
				prog, err := check.Check(check.Config{Tree: fstest.MapFS{"p/p.go": {Data: []byte(source)}}, Dir: "p", Importer: r.universe})
				if err != nil {
					b.Fatal(err)
				}
				checking += time.Since(start)
				start = time.Now()
				if _, err := r.lowered(prog, "Register", standIns{boxes: box.NewProgram(r.universe)}, nil); err != nil {
					b.Fatal(err)
				}
				lowering += time.Since(start)
			}
			front()
			checking, lowering = 0, 0
			for b.Loop() {
				front()
			}
			b.ReportMetric(float64(checking.Microseconds())/1000/float64(b.N), "check-ms")
			b.ReportMetric(float64(lowering.Microseconds())/1000/float64(b.N), "lower-ms")
			b.ReportMetric(float64(lowering)/float64(checking), "lower/check")
			b.ReportMetric(float64(strings.Count(source, "\n")), "lines")
		})
	}
}
