package box_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"runtime"
	"sync"
	"testing"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/lower"
	"github.com/scriptd/scriptd/engine/symbols"
)

const recursiveSource = `package p

import ("io"; "time")

type Node struct { val int; next *Node }
type Tree[K comparable] struct { Left, Right *Tree[K]; Key K }
type Strings = Tree[string]
type A struct { b B; N int ` + "`json:\"n,omitempty\"`" + ` }
type B struct { list []C; at map[Key]*A; when time.Time; w io.Writer }
type C struct { f func(*A, ...B) (C, error); ch chan<- B; arr [3]*A; up any; flat Flat }
type Key struct { up *Key; id int }
type Flat struct { X, y float64; name string; e struct{}; in Empty }
type Empty struct{}
type F func(int) F
type Rec []Rec
type P *P
type Uses struct { n *Node; f Flat; r Rec }
type Inner struct { kids []struct { t *Inner; n int } }
type Twin1 struct { other *Twin2 }
type Twin2 struct { other *Twin1 }
type Huge struct { before [300]Key; next *Huge; after [300]Key }
`

// declared checks a source and returns its types by name.
func declared(t testing.TB, source string) map[string]types.Type {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	config := types.Config{Importer: symbols.Std()}
	pkg, err := config.Check("p", fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]types.Type)
	for _, name := range pkg.Scope().Names() {
		all[name] = pkg.Scope().Lookup(name).Type()
	}
	return all
}

func eraser() *box.Eraser {
	return &box.Eraser{Symbol: symbols.Std().Symbol, FieldName: lower.FieldName, Wrapped: lower.Wrapped}
}

func erase(t testing.TB, e *box.Eraser, typ types.Type) reflect.Type {
	t.Helper()
	r, err := e.Type(typ)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEraseRecursive(t *testing.T) {
	all, e := declared(t, recursiveSource), eraser()
	of := func(name string) reflect.Type { return erase(t, e, all[name]) }

	node := of("Node")
	if got := node.Field(1).Type; got != reflect.PointerTo(node) || node.Field(1).Name != "F1_next" {
		t.Errorf("Node.next is %s %s", node.Field(1).Name, got)
	}
	tree := of("Strings")
	if tree.Field(0).Type != reflect.PointerTo(tree) || tree.Field(1).Type != reflect.PointerTo(tree) || tree.Field(2).Type.Kind() != reflect.String {
		t.Errorf("Tree[string] is %s", tree)
	}
	a, b, c, key := of("A"), of("B"), of("C"), of("Key")
	for _, check := range []struct {
		what      string
		got, want reflect.Type
	}{
		{"A.b", a.Field(0).Type, b},
		{"B.list", b.Field(0).Type, reflect.SliceOf(c)},
		{"B.at", b.Field(1).Type, reflect.MapOf(key, reflect.PointerTo(a))},
		{"C.f", c.Field(0).Type, reflect.FuncOf(
			[]reflect.Type{reflect.PointerTo(a), reflect.SliceOf(b)}, []reflect.Type{c, reflect.TypeFor[error]()}, true)},
		{"C.ch", c.Field(1).Type, reflect.ChanOf(reflect.SendDir, b)},
		{"C.arr", c.Field(2).Type, reflect.ArrayOf(3, reflect.PointerTo(a))},
		{"C.up", c.Field(3).Type, reflect.TypeFor[any]()},
		{"C.flat", c.Field(4).Type, of("Flat")},
		{"Uses.n", of("Uses").Field(0).Type, reflect.PointerTo(node)},
		{"F.W", of("F").Field(0).Type, reflect.FuncOf([]reflect.Type{reflect.TypeFor[int]()}, []reflect.Type{of("F")}, false)},
		{"Rec.W", of("Rec").Field(0).Type, reflect.SliceOf(of("Rec"))},
		{"P.W", of("P").Field(0).Type, reflect.PointerTo(of("P"))},
		{"Inner.kids", of("Inner").Field(0).Type.Elem().Field(0).Type, reflect.PointerTo(of("Inner"))},
		{"Twin1", of("Twin1").Field(0).Type, reflect.PointerTo(of("Twin2"))},
		{"Twin2", of("Twin2").Field(0).Type, reflect.PointerTo(of("Twin1"))},
	} {
		if check.got != check.want {
			t.Errorf("%s is %s, want %s", check.what, check.got, check.want)
		}
	}
	if of("Twin1") == of("Twin2") {
		t.Error("two types that mention each other are one")
	}
	if tag := a.Field(1).Tag.Get("json"); tag != "n,omitempty" {
		t.Errorf("tag is %q", tag)
	}
	if a.Comparable() || !node.Comparable() || !key.Comparable() {
		t.Error("types are comparable that are not, or the other way round")
	}
}

// TestEraseAgain checks that the types of a program that is loaded again are those that are there.
func TestEraseAgain(t *testing.T) {
	names := []string{"Node", "Strings", "A", "B", "C", "Key", "F", "Rec", "P", "Uses", "Inner", "Twin1", "Twin2"}
	var mu sync.Mutex
	made := make(map[string]reflect.Type)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				all, e := declared(t, recursiveSource), eraser()
				for _, name := range names {
					r, err := e.Type(all[name])
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					if made[name] == nil {
						made[name] = r
					}
					if made[name] != r {
						t.Errorf("there are two types %s", name)
					}
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
}

func TestEraseRefused(t *testing.T) {
	all := declared(t, `package p; import "time"; type T struct { next *T; at time.Time }`)
	e := eraser()
	e.Symbol = func(string, string) (reflect.Value, bool) { return reflect.Value{}, false }
	_, err := e.Type(all["T"])
	if err == nil || err.Error() != "make type p.T: no symbol time.Time" {
		t.Errorf("error is %v", err)
	}
}

// TestRecursiveValues uses values of the types as maps, comparisons and the garbage collector do.
func TestRecursiveValues(t *testing.T) {
	all, e := declared(t, recursiveSource), eraser()
	key := erase(t, e, all["Key"])
	newKey := func(up reflect.Value, id int) reflect.Value {
		k := reflect.New(key)
		if up.IsValid() {
			k.Elem().Field(0).Set(up)
		}
		k.Elem().Field(1).SetInt(int64(id))
		return k
	}
	root := newKey(reflect.Value{}, 1)
	m := reflect.MakeMap(reflect.MapOf(key, reflect.TypeFor[int]()))
	plain := make(map[any]int)
	for i := range 1000 {
		k := newKey(root, i%100)
		m.SetMapIndex(k.Elem(), reflect.ValueOf(i))
		plain[k.Elem().Interface()] = i
	}
	if m.Len() != 100 || len(plain) != 100 {
		t.Errorf("maps have %d and %d keys, want 100", m.Len(), len(plain))
	}
	same, other := newKey(root, 7).Elem().Interface(), newKey(newKey(reflect.Value{}, 1), 7).Elem().Interface()
	if plain[same] != 907 || m.MapIndex(reflect.ValueOf(same)).Int() != 907 {
		t.Error("a key is not found")
	}
	if same != newKey(root, 7).Elem().Interface() || same == other {
		t.Error("values are not compared by what they are")
	}
}

func TestRecursiveCollected(t *testing.T) {
	all, e := declared(t, recursiveSource), eraser()
	for _, name := range []string{"Node", "Huge"} {
		t.Run(name, func(t *testing.T) {
			typ := erase(t, e, all[name])
			at := 0
			for typ.Field(at).Type != reflect.PointerTo(typ) {
				at++
			}
			stop := make(chan struct{})
			var wg sync.WaitGroup
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						runtime.GC()
					}
				}
			})
			const length = 3000
			list := reflect.Zero(reflect.PointerTo(typ))
			for i := range length {
				n := reflect.New(typ)
				n.Elem().Field(at).Set(list)
				mark(n.Elem(), i)
				list = n
				for range 3 {
					_ = fmt.Sprint(i) // rubbish, where what was collected too early would be
				}
			}
			close(stop)
			wg.Wait()
			for i := length - 1; i >= 0; i-- {
				if got := marked(list.Elem()); got != i {
					t.Fatalf("node %d holds %d", i, got)
				}
				list = list.Elem().Field(at)
			}
		})
	}
}

// mark puts a number in a Node or a Huge, there behind pointers that only the node holds.
func mark(n reflect.Value, i int) {
	if n.Field(0).Kind() == reflect.Int {
		n.Field(0).SetInt(int64(i))
		return
	}
	for _, at := range []int{0, 2} {
		k := n.Field(at).Index(299).Field(0)
		k.Set(reflect.New(k.Type().Elem()))
		k.Elem().Field(1).SetInt(int64(i))
	}
}

func marked(n reflect.Value) int {
	if n.Field(0).Kind() == reflect.Int {
		return int(n.Field(0).Int())
	}
	before, after := n.Field(0).Index(299).Field(0).Elem(), n.Field(2).Index(299).Field(0).Elem()
	if before.Field(1).Int() != after.Field(1).Int() {
		return -1
	}
	return int(after.Field(1).Int())
}
