package box_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// pageWriter writes random templates over a pageData. Most of them fail, which is what they are about.
type pageWriter struct{ *rand.Rand }

var (
	pageFields = strings.Fields(`User Ptr NilPtr PtrPtr Team People ByName Colors Set Role Label Color ColorP Money Err NilErr Shape
		NoShape Any NilAny Arr Empty NoMap Anon Pair Func NilFunc Raw Link Times JSON Float Flag Bytes Str Matrix Void Bad AnyRole`)
	pageNames = strings.Fields(`Name Age Addr City Zip Home Full Short Upper Adult Greet Has First Nth Role Roles Tags Meta ID Kind Note
		Remark Ref Shout Self Visible Key Val Show X Cents Size Total Area Side Error Code String Seconds When Year p q z a k Nope`)
	pageCalls = strings.Fields(`len index slice not and or eq ne lt le gt ge print printf html js urlquery call double paint who join
		anything boxed area message upper`)
	pageLiterals = strings.Fields("0 1 2 -1 1.5 1i 'x' \"a\" \"p\" \"z\" \"admin\" \"%v\" \"%T\" true nil")
)

func (w pageWriter) pick(from []string) string { return from[w.IntN(len(from))] }

// operand is what can be an argument.
func (w pageWriter) operand(depth int) string {
	switch n := w.IntN(10); {
	case n == 0:
		return "."
	case n < 3:
		return w.pick(pageLiterals)
	case n < 5 && depth > 0:
		return "(" + w.pipeline(depth-1) + ")" + w.chain(w.IntN(2))
	default:
		return "." + w.pick(pageFields) + w.chain(w.IntN(3))
	}
}

func (w pageWriter) chain(n int) string {
	var b strings.Builder
	for range n {
		b.WriteString("." + w.pick(pageNames))
	}
	return b.String()
}

func (w pageWriter) command(depth int) string {
	words := []string{w.operand(depth)}
	if w.IntN(2) == 0 {
		words[0] = w.pick(pageCalls)
		words = append(words, w.operand(depth))
	}
	for range w.IntN(3) {
		words = append(words, w.operand(depth))
	}
	return strings.Join(words, " ")
}

func (w pageWriter) pipeline(depth int) string {
	text := w.command(depth)
	for range w.IntN(5) / 4 {
		text += " | " + w.pick(pageCalls)
	}
	return text
}

func (w pageWriter) page(depth int) string {
	if depth == 0 {
		return "{{" + w.pipeline(1) + "}}"
	}
	switch w.IntN(6) {
	case 0:
		return fmt.Sprintf("{{if %s}}%s{{else}}%s{{end}}", w.pipeline(1), w.page(depth-1), w.page(depth-1))
	case 1:
		return fmt.Sprintf("{{with %s}}%s{{.}}{{.%s}}{{end}}", w.operand(1), w.page(0), w.pick(pageNames))
	case 2:
		return fmt.Sprintf("{{range $i, $x := %s}}{{$i}}{{$x}}{{$x.%s}}{{else}}none{{end}}", w.operand(1), w.pick(pageNames))
	case 3:
		return fmt.Sprintf("{{range %s}}{{.%s}}{{printf \"%%T\" .}}{{end}}", w.operand(1), w.pick(pageNames))
	default:
		return "{{" + w.pipeline(2) + "}} "
	}
}

func TestRandomTemplatesAsCompiled(t *testing.T) {
	p := newPages(t)
	pages := 1000
	if testing.Short() {
		pages = 300
	}
	w := pageWriter{rand.New(rand.NewPCG(1, 2))}
	executed := 0
	for range pages {
		text := w.page(w.IntN(2))
		got, want, err := p.tryText(text, newPageData())
		if err != nil {
			continue // it cannot be parsed
		}
		executed++
		if got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
	if executed < pages/2 {
		t.Errorf("only %d of %d templates could be parsed", executed, pages)
	}
}
