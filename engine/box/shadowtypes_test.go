package box_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// The types of the differential tests of encoders. This file is compiled, and checked from source.

type (
	jInt     int
	jString  string
	jBytes   []byte
	jStrings []string
	jAttrs   map[string]float64
	jFloat   float32
	jPoint   struct{ X, Y float64 }
	jChan    chan int
)

type jAccount struct {
	Name     string `json:"name"`
	password string
	Secret   string `json:"-"`
	Dash     int    `json:"-,"` //nolint:staticcheck // meant
	NoTag    bool
	Num      int64  `json:"num,string"`
	Empty    string `json:",omitempty"`
	Other    int    `xml:"other"`
	Bad      int    `json:"bad name!"`
	hidden   struct{ X int }
	HTML     string `json:"<a&b>"`
}

type jBase struct {
	ID   int
	Kind string
}

type JMeta struct {
	Kind string `json:"kind"`
	Tags []string
}

type jDoc struct {
	jBase
	*JMeta
	Title string
}

type jTagged struct {
	jBase `json:"base"`
	ID    string
}

type (
	JA struct{ X, Only int }
	JB struct{ X int }
)

type jClash struct {
	JA
	JB
}

type jDiamond struct {
	jLeft
	jRight
}
type (
	jLeft  struct{ jBase }
	jRight struct{ jBase }
)

type jViaPointer struct {
	*jBase
	C int
}

type jNonStruct struct {
	jStrings
	JInt jInt
	int
	JFace
	Other jStrings
}

type JFace interface{ M() }

type (
	jDeep1 struct{ jDeep2 }
	jDeep2 struct{ *JDeep3 }
	JDeep3 struct{ Deep string }
)

type jColor struct{ r, g, b uint8 }

func (c jColor) MarshalJSON() ([]byte, error) {
	return json.Marshal(fmt.Sprintf("#%02x%02x%02x<", c.r, c.g, c.b))
}

func (c *jColor) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	_, err := fmt.Sscanf(s, "#%02x%02x%02x", &c.r, &c.g, &c.b)
	return err
}

type jLevel int

func (l jLevel) MarshalText() ([]byte, error) {
	if l < 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return []byte("L<" + strconv.Itoa(int(l))), nil
}

func (l *jLevel) UnmarshalText(b []byte) error {
	n, err := strconv.Atoi(strings.TrimPrefix(string(b), "L<"))
	*l = jLevel(n)
	return err
}

type jByPointer struct{ n int }

func (c *jByPointer) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprint(" ", c.n*10)), nil }

type jTextByPointer string

func (c *jTextByPointer) MarshalText() ([]byte, error) { return []byte("T" + *c), nil }

type jHolder struct {
	V jByPointer
	P *jByPointer
	S []jByPointer
	N *jByPointer
	A [1]jByPointer
	M map[string]jByPointer
	T jTextByPointer
	U []jTextByPointer
	W map[jTextByPointer]jTextByPointer
}

type jShirt struct {
	C    jColor
	P    *jColor
	L    []jColor
	M    map[string]jLevel
	K    map[jLevel]jString
	I    map[jInt]bool
	A    any
	Arr  [2]jLevel
	priv jColor
	E    struct{ In jLevel }
	Err  error
	F    JFace
	B    jBytes
	Null jBytes
}

type jFaced struct{ Side float64 }

func (jFaced) M() {}

type jErr struct{ Code int }

func (e jErr) Error() string { return "json error " + strconv.Itoa(e.Code) }

type jFailing struct{}

func (jFailing) MarshalJSON() ([]byte, error) { return nil, errors.New("cannot") }

func (*jFailing) UnmarshalJSON([]byte) error { return errors.New("cannot read") }

type jInvalid struct{}

func (jInvalid) MarshalJSON() ([]byte, error) { return []byte(`{bad`), nil }

type jZeroer struct{ N int }

func (z jZeroer) IsZero() bool { return z.N == 42 }

type jPointerZeroer struct{ N int }

func (z *jPointerZeroer) IsZero() bool { return z.N == 42 }

type jOmit struct {
	I  int                        `json:"i,omitempty"`
	S  []int                      `json:"s,omitempty"`
	M  map[string]int             `json:"m,omitempty"`
	P  *int                       `json:"p,omitempty"`
	In jPoint                     `json:"in,omitempty"` //nolint:modernize // meant
	Iz jPoint                     `json:"iz,omitzero"`
	T  time.Time                  `json:"t,omitzero"`
	Z  jZeroer                    `json:"z,omitzero"`
	Zp *jZeroer                   `json:"zp,omitzero"`
	Pz jPointerZeroer             `json:"pz,omitzero"`
	Sz []int                      `json:"sz,omitzero"`
	B  jBytes                     `json:",omitempty"`
	An any                        `json:"an,omitempty"`
	Az any                        `json:"az,omitzero"`
	Ar [0]int                     `json:"ar,omitempty"`
	L  jLevel                     `json:"l,omitempty"`
	Kz jKey                       `json:"kz,omitzero"`
	IP interface{ IsZero() bool } `json:"ip,omitzero"`
}

type jKey string

type jErrPointer struct{ Code int }

func (e *jErrPointer) Error() string { return strconv.Itoa(e.Code) }

type jOctet uint8

type jStringByte struct {
	A string
	B jOctet
}

type jQuoted struct {
	A int         `json:"a,string"`
	B bool        `json:",string"`
	C float64     `json:"c,string,omitempty"`
	D string      `json:"d,string"`
	E *jInt       `json:"e,string"`
	F jLevel      `json:"f,string"`
	G []int       `json:"g,string"` //nolint:staticcheck // meant
	H json.Number `json:"h,string"`
	I jKey        `json:",string"`
	J jColor      `json:",string"` //nolint:staticcheck // meant
}

type jNode struct {
	Val  int      `json:"v"`
	Kids []*jNode `json:"kids,omitempty"`
	Next *jNode
	up   *jNode
}

type jTree map[string]jTree

type jList []jList

type jRaw struct {
	Type string
	Data json.RawMessage
	Opt  *json.RawMessage `json:",omitempty"`
	N    json.Number
	When time.Time
	For  time.Duration
	Any  map[string]any
	List []any
}

type jStamp struct{ t int64 }

func (s jStamp) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprintf(`"@%d"`, s.t)), nil }

type jEvent struct {
	jStamp
	Name string
}

type jEventP struct {
	*jStamp
	Name string
}

type jTimed struct {
	time.Time
	X int
}

type jOpt[T any] struct {
	val T
	set bool
}

func (o jOpt[T]) MarshalJSON() ([]byte, error) {
	if !o.set {
		return []byte("null"), nil
	}
	return json.Marshal(o.val)
}

func (o *jOpt[T]) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*o = jOpt[T]{}
		return nil
	}
	o.set = true
	return json.Unmarshal(b, &o.val)
}

type jPage[T any] struct {
	Items []T       `json:"items"`
	Next  jOpt[int] `json:"next"`
	By    map[string]T
}

type (
	jUnsupported    struct{ C jChan }
	jUnsupportedKey map[jPoint]int
	jBadKeys        map[jLevel]int
)

type jItem struct {
	Name   string
	Status uint8
	Tags   jStrings
	Attrs  jAttrs
	Next   *jItem
	Pos    [3]int
	Any    any
	Face   JFace
	Inner  struct {
		A jInt
		B []jKey
	}
	Level  jLevel
	Levels map[jLevel]*jColor
	Ints   map[jInt]jItem
	PP     **jInt
	Bytes  jBytes
	F32    jFloat
}

type jRecord struct {
	ID     int               `json:"id"`
	Name   string            `json:"name"`
	Email  jString           `json:"email"`
	Active bool              `json:"active"`
	Score  jFloat            `json:"score"`
	Tags   []jKey            `json:"tags"`
	Attrs  map[string]string `json:"attrs,omitempty"`
	Parent *jPoint           `json:"parent"`
	Points []jPoint          `json:"points"`
	Note   string            `json:"note,omitempty"`
}

// Used only so that the file stands alone.
var _ = []any{jAccount{}.password, jAccount{}.hidden, jNonStruct{}.int, jShirt{}.priv, jNode{}.up}
