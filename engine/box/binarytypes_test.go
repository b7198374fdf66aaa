package box_test

// The types of the differential tests of encoding/binary, encoding/gob, reflect.DeepEqual and others.

type bHeader struct {
	Magic   [4]byte
	Version bKind
	_       uint16
	Flags   [2]bKind
	Size    int32
	Pairs   [2]bPair
}

type bKind uint16

type bPair struct{ A, B int8 }

type bWords []bKind

type bNotFixed struct{ N int }

type gKind uint8

type gMsg struct {
	K     gKind
	Name  string
	Tags  gTags
	M     map[gKind]*gInner
	Inner gInner
	List  []gInner
	priv  int
	Ptr   *gKind
	F     func()
}

type gTags []string

type gInner struct {
	X, Y   float64
	hidden string
}

type gHidden struct{ a int }

type gHolds struct{ H gHidden }

type gEncoder struct{ A int }

func (gEncoder) GobEncode() ([]byte, error) { return []byte("x"), nil }

type eNode struct {
	val  int
	next *eNode
	tags []string
	m    map[string][]int
	any  any
	err  error
}

type (
	eA   struct{ X int }
	eB   struct{ X int }
	eErr struct{ n int }
)

func (e eErr) Error() string { return "e" }

type eSlice []eA

var _ = []any{gMsg{}.priv, gInner{}.hidden, gHidden{}.a, eNode{}.val, eNode{}.next, eNode{}.tags, eNode{}.m, eNode{}.any, eNode{}.err, eErr{}.n}
