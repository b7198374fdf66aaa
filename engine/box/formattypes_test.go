package box_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"
)

// The types here are compiled and checked: see newTwin.

type (
	fCode    int
	fByte    uint8
	fWide    uint64
	fFloat   float64
	fSmall   float32
	fComplex complex128
	fFlag    bool
	fText    string
	fBytes   []byte
	fOwn     []fByte
	fHash    [4]byte
	fOwnHash [2]fByte
	fInts    []int
	fTable   map[fText]fCode
	fAny     map[any]any
	fFunc    func(int, ...fText) (fCode, error)
	fChan    chan fCode
	fPtr     *int
	fPoint   struct{ X, Y int }
	fHidden  struct {
		a int
		b fText
		c []fCode
		_ bool
	}
	fEmpty struct{}
	fIface interface {
		M(fCode) fText
		m()
	}
	fNode struct {
		Name string
		Next *fNode
		Kids []*fNode
	}
	fPair[A, B any] struct {
		First  A
		second B
	}
	fList[T any] []T
	fKey         struct {
		A string
		B [2]fCode
	}
	fMine time.Duration
	fRec  []fRec
	fTree map[string]fTree
	// fHolder has a field of compiled code that holds any value, where nobody can get at it.
	fHolder struct{ v atomic.Value }
	fLink   struct {
		V     any
		Links map[string]*fLink
		Self  *fLink
		Back  []fLink
	}
	fTimes struct {
		D  time.Duration
		d  time.Duration
		P  *time.Duration
		At time.Month
		at time.Month
	}
)

// Types with methods.
type (
	fDegrees   float64
	fShade     uint8
	fFault     struct{ Op string }
	fFaultInt  int
	fBoth      struct{ N int }
	fGo        struct{ N int }
	fForm      struct{ N int }
	fByPtr     struct{ N int }
	fPanics    struct{ N int }
	fNested    struct{ N int }
	fNilPanic  struct{ N int }
	fNotQuite  int
	fStrings   []string
	fMany      []error
	fStars     int
	fSecret    string
	fLevel     int
	fCoded     int
	fCodedText int
	fWrap      struct {
		Shade fShade
		shade fShade
		Ptr   *fByPtr
		Val   fByPtr
		Any   any
		any   any
		Err   error
		err   error
		List  []fShade
		list  []fShade
		Map   map[fShade]fDegrees
	}
	fEmbed struct {
		fShade
		N int
	}
	fInner struct {
		S fShade
		s fShade
	}
	fOuter struct {
		fInner
		*fPoint
		error
		Z int
	}
	fDeep struct {
		A any
		B [2]any
		C map[string]any
		d any
	}
)

func (d fDegrees) String() string { return fmt.Sprintf("%.1f°", float64(d)) }
func (s fShade) String() string {
	return [...]string{"light", "dark", "a \"quoted\" shade"}[s]
}
func (f fFault) Timeout() bool     { return f.Op == "wait" }
func (f fFault) Error() string     { return f.Op + " failed" }
func (f fFaultInt) Error() string  { return fmt.Sprint("fault ", int(f)) }
func (b fBoth) Error() string      { return "error of both" }
func (b fBoth) String() string     { return "string of both" }
func (b fBoth) GoString() string   { return "gostring of both" }
func (g fGo) GoString() string     { return fmt.Sprintf("go(%d)", g.N) }
func (b *fByPtr) String() string   { return fmt.Sprintf("<ptr %d>", b.N) }
func (p fPanics) String() string   { panic(fmt.Sprint("no string ", p.N)) }
func (p fNested) Error() string    { panic(fFault{"nested"}) }
func (p fNilPanic) String() string { return "fine" }
func (fNotQuite) String() fText    { return "not a Stringer" }
func (s fStrings) String() string  { return fmt.Sprintf("%d strings", len(s)) }
func (m fMany) Error() string      { return fmt.Sprintf("%d errors", len(m)) }
func (m fMany) Unwrap() []error    { return m }
func (i fIota) m()                 {}

func (fSecret) LogValue() slog.Value              { return slog.StringValue("redacted") }
func (fSecret) String() string                    { return "***" }
func (l fLevel) MarshalText() ([]byte, error)     { return fmt.Appendf(nil, "level %d", int(l)), nil }
func (c fCoded) Error() string                    { return "coded error" }
func (c fCoded) MarshalJSON() ([]byte, error)     { return fmt.Appendf(nil, `{"code":%d}`, int(c)), nil }
func (c fCodedText) Error() string                { return "coded text error" }
func (c fCodedText) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "code %d", int(c)), nil }

func (s *fStars) Scan(state fmt.ScanState, verb rune) error {
	token, err := state.Token(true, func(r rune) bool { return r == '*' })
	*s = fStars(len(token))
	if err == nil && verb == 'd' {
		return fFault{"scan"}
	}
	return err
}

type fIota int

func (i fIota) M(fCode) fText { return "M" }

func (f fForm) Format(s fmt.State, verb rune) {
	w, wok := s.Width()
	p, pok := s.Precision()
	fmt.Fprintf(s, "[%d %s %d %v %d %v", f.N, fmt.FormatString(s, verb), w, wok, p, pok)
	for _, c := range "+-# 0" {
		if s.Flag(int(c)) {
			_, _ = io.WriteString(s, string(c))
		}
	}
	_, _ = s.Write([]byte("]"))
}

func fLocals() []any {
	type local struct{ A int }
	return []any{local{1}, []local{}}
}

var fNil *fByPtr

func fValues() []any {
	n, d := 7, time.Second
	loop := &fNode{Name: "a"}
	loop.Next = loop
	return append([]any{
		fCode(42), fCode(-3), fByte(65), fWide(1 << 40), fFloat(2.5), fFloat(1e21), fSmall(0.1), fComplex(1 - 2i), fFlag(true),
		fText("héllo \"x\"`"), fText(""), fBytes("bytes"), fBytes(nil),
		fOwn{1, 66},
		fHash{1, 2, 0xfe},
		fOwnHash{3, 4},
		fInts{3, 1, 2},
		fInts(nil),
		fTable{"b": 2, "a": 1, "c": 3},
		fTable(nil),
		fAny{1: "x"},
		fAny{fCode(2): fText("b"), fCode(1): nil},
		fFunc(nil), fChan(nil),
		fPtr(&n), fPtr(nil),
		fPoint{1, -2},
		&fPoint{3, 4}, (*fPoint)(nil),
		fHidden{1, "b", []fCode{1, 2}, false},
		&fHidden{},
		fEmpty{},
		&fEmpty{},
		[]fEmpty{{}},
		fNode{"x", nil, nil},
		fNode{"x", nil, []*fNode{nil}},
		&fNode{Name: "y"},
		map[string]*fNode{"n": nil},
		fPair[int, string]{1, "two"},
		fPair[fCode, []fText]{3, []fText{"q"}},
		fList[fCode]{1},
		fPair[*fPoint, any]{nil, fCode(3)},
		fPair[io.Reader, error]{},
		&fPair[any, any]{fPoint{}, &n},
		map[fKey]int{{"b", [2]fCode{1, 2}}: 1, {"b", [2]fCode{1, 1}}: 2, {"a", [2]fCode{9}}: 3},
		map[any]int{"b": 1, "a": 2},
		map[any]fCode{fText("b"): 1, fText("a"): 2, fText(""): 3},
		map[fFloat]bool{2: true, -1: false},
		map[fFlag]int{true: 1, false: 0},
		map[[2]fCode]fEmpty{{1, 2}: {}, {1, 1}: {}},
		map[fComplex]int{1: 1, 2i: 2},
		map[fPoint]fPoint{{1, 2}: {3, 4}, {0, 9}: {}},
		fMine(time.Second),
		fTimes{D: time.Minute, d: time.Hour, At: time.May, at: time.June},
		&fTimes{},
		[]fMine{1},
		struct{ D time.Duration }{d},
		fDegrees(36.66), fShade(1), fShade(2), fShade(9),
		[]fShade{0, 1},
		[2]fShade{1, 2},
		map[fShade]fShade{1: 0, 0: 1},
		&n, new(any),
		fFault{"open"},
		&fFault{"close"}, fFaultInt(7),
		[]fFaultInt{1},
		[]error{fFault{"read"}, errors.New("plain"), nil},
		(*fFault)(nil),
		fBoth{1},
		&fBoth{2},
		fGo{3},
		&fGo{4},
		[]fGo{{5}},
		fForm{1},
		&fForm{2},
		[]fForm{{3}, {4}},
		map[string]fForm{"k": {5}},
		fByPtr{1},
		&fByPtr{2},
		[]fByPtr{{3}},
		[]*fByPtr{{4}, nil},
		fNil,
		fPanics{1},
		[]fPanics{{2}, {3}},
		&fPanics{4}, (*fPanics)(nil),
		fNested{},
		(*fNilPanic)(nil),
		[]*fNilPanic{nil},
		fNotQuite(3),
		fStrings{"a", "b"},
		fStrings(nil), fIota(1),
		[]fIface{fIota(2), nil},
		fWrap{},
		fWrap{Shade: 1, shade: 1, Val: fByPtr{3}, Any: fShade(1), any: fShade(1), Err: fFault{"a"}, err: fFault{"b"}, List: []fShade{0}, list: []fShade{0}, Map: map[fShade]fDegrees{1: 2}},
		&fWrap{Any: fPoint{}, any: fText("x"), Err: fFaultInt(1), err: fFaultInt(2)},
		fEmbed{1, 2},
		&fEmbed{0, 3},
		[]fEmbed{{1, 1}},
		fInner{1, 1},
		fOuter{fInner: fInner{1, 0}},
		fOuter{error: fFault{"e"}},
		fDeep{A: 1, B: [2]any{"s", nil}, C: map[string]any{"x": fCode(1), "a": []any{fText("y")}}, d: fPoint{1, 2}},
		[]any{1, "a", nil, fCode(2), fShade(1), 2.5, []int{1}},
		map[string]any{"z": fShade(1), "b": []byte("x"), "c": d},
		[]fText{"a", "b c"},
		[][]fCode{{1}, nil},
		[2]fBytes{{1}, nil},
		[]fHash{{1}},
		struct{}{},
		struct{ A, b int }{1, 2},
		struct {
			A int `json:"x"`
			fPoint
			p *fPoint
		}{A: 1},
		[]struct{ T fText }{{"v"}},
		&[]fCode{1, 2}, &map[string]fCode{"a": 1}, &[2]fCode{}, &fInts{1}, func(fCode) fText { return "" }, (func(...fPoint))(nil),
		make(chan fPoint), (<-chan *fPoint)(nil), (chan<- (<-chan fCode))(nil), (chan (<-chan fCode))(nil), new(fIface), new(interface{ M(fCode) }), new(interface {
			M(fCode)
			io.Reader
			z() fText
		}),
		fPair[interface{ m(fCode) }, struct {
			a fCode `k:"v"`
			fPoint
		}]{},
		fPair[fPair[int, fCode], func(int, ...string) (int, error)]{},
		fPair[chan (<-chan int), map[string]*fPoint]{},
		[]byte("raw"), "plain", 7, nil,
		fRec{nil, {}, {{}, nil}},
		fRec(nil),
		fTree{"a": nil, "b": {"c": {}}},
		fLink{},
		&fLink{V: &n, Back: []fLink{{V: fText("x")}}},
		[]fLink{{}, {Self: &fLink{}}},
		fLink{V: fRec{nil}, Links: map[string]*fLink{"nil": nil}},
		[2]fLink{},
		fAny{"s": 1, "t": 2},
		fAny{1.5: 1, 0.5: 2},
		[]map[fText]any{{"k": fShade(0)}},
		fPair[time.Duration, fDegrees]{time.Second, 3},
		time.Duration(5), loop.Name,
	}, fLocals()...)
}
