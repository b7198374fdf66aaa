package box_test

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

func fPanicValues() []any {
	return []any{
		nil, true, 1, int8(-2), uint64(3), 1.5, 1e100, float32(0.1), 2i, complex64(1), "text", "two\nlines\n", fCode(41), fByte(1), fFloat(2.5), fSmall(0.1),
		fComplex(1 - 2i), fFlag(true), fText("x\ny"),
		fFault{"open\nclose"},
		&fFault{"p"}, fFaultInt(3), fShade(1),
		fBoth{1},
		fPoint{},
		&fPoint{},
		[]fCode{1},
		fChan(nil), fFunc(nil), (*fPoint)(nil), errors.New("plain"), time.Second, time.Duration.String,
		[]int{1},
		map[string]int{},
		struct{}{},

		fEmbed{1, 2},
		fMine(3),
	}
}

// TestPanicText holds the first line that a program ends with.
func TestPanicText(t *testing.T) {
	if n, err := strconv.Atoi(os.Getenv("BOX_TEST_PANIC")); err == nil {
		panic(fPanicValues()[n])
	}
	if testing.Short() {
		t.Skip("each value ends a process")
	}
	w := newTwin(t, "formattypes_test.go")
	for i, v := range fPanicValues() {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPanicText$")
		cmd.Env = append(os.Environ(), "BOX_TEST_PANIC="+strconv.Itoa(i))
		out, _ := cmd.CombinedOutput()
		_, want, ok := strings.Cut(string(out), "panic: ")
		if want, _, _ = strings.Cut(want, " [recovered, repanicked]"); !ok {
			t.Fatalf("%T: %s", v, out)
		}
		got := w.prog.PanicText(w.box(v))
		if got, want := masked(got), masked(want); got != want {
			t.Errorf("%T: got %q, want %q", v, got, want)
		}
	}
}
