package carry

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

type userBefore struct {
	Name string
	Room struct{ Number int }
	Gone []map[string]*userBefore
	Old  any
}

type userAfter struct {
	Age  int
	Name string
	Room struct {
		Floor  []string
		Number int
	}
	Err error
}

type directoryBefore interface {
	Find(name string, f func(userBefore) error) ([]userBefore, error)
	Move(u userBefore) error
}

type directoryAfter interface {
	Delete(name string) error
	Find(name string, f func(userAfter) error) ([]userAfter, error)
	Move(u userAfter) error
}

type directoryAfterWrapper struct {
	IValue  any
	WDelete func(string) error
	WFind   func(string, func(userAfter) error) ([]userAfter, error)
	WMove   func(userAfter) error
}

func (w directoryAfterWrapper) Delete(name string) error { return w.WDelete(name) }

func (w directoryAfterWrapper) Find(name string, f func(userAfter) error) ([]userAfter, error) {
	return w.WFind(name, f)
}

func (w directoryAfterWrapper) Move(u userAfter) error { return w.WMove(u) }

type directory struct{ moved userBefore }

func (d *directory) Find(name string, f func(userBefore) error) ([]userBefore, error) {
	u := userBefore{Name: name, Gone: []map[string]*userBefore{{"a": {Name: "b"}, "c": nil}, nil}, Old: []any{1, "x"}}
	u.Room.Number = 7
	return []userBefore{u, u}, f(u)
}

func (d *directory) Move(u userBefore) error {
	d.moved = u
	return nil
}

func TestSidesThatDiffer(t *testing.T) {
	opts := options()
	opts.Wrapper = func(t reflect.Type) (Wrapper, error) {
		if t != typeOf[directoryAfter]() {
			return nil, errors.New("it is in no symbol table")
		}
		return testWrapper{t, typeOf[directoryAfterWrapper]()}, nil
	}
	before, err := Compile(typeOf[directoryBefore](), opts)
	if err != nil {
		t.Fatal(err)
	}
	after, err := Compile(typeOf[directoryAfter](), opts)
	if err != nil {
		t.Fatal(err)
	}
	if before.Fingerprint() == after.Fingerprint() {
		t.Fatal("they have the same fingerprint")
	}
	atCaller, err := after.From(before.Shape())
	if err != nil {
		t.Fatal(err)
	}
	atCalled, err := before.From(after.Shape())
	if err != nil {
		t.Fatal(err)
	}
	here, there := sessions(t)
	far := &directory{}
	ref, err := there.Offer(atCalled, valueOf[directoryBefore](far))
	if err != nil {
		t.Fatal(err)
	}
	v, err := here.Value(atCaller, ref)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := reflect.TypeAssert[directoryAfter](v)
	var found userAfter
	users, err := d.Find("ann", func(u userAfter) error {
		found = u
		return nil
	})
	want := userAfter{Name: "ann"}
	want.Room.Number = 7
	if err != nil || !reflect.DeepEqual(users, []userAfter{want, want}) || !reflect.DeepEqual(found, want) {
		t.Errorf("got %+v, %+v and %v", users, found, err)
	}
	want.Age, want.Room.Floor, want.Err = 9, []string{"a", "b"}, ErrSold
	if err := d.Move(want); err != nil || far.moved.Name != "ann" || far.moved.Room.Number != 7 || far.moved.Gone != nil {
		t.Errorf("got %+v and %v", far.moved, err)
	}
	if err := d.Delete("ann"); !errors.Is(err, ErrMissing) {
		t.Errorf("got %v, want ErrMissing", err)
	}
}

type directoryOther interface {
	Find(name string, f func(userBefore) error) ([]string, error)
	Move(u *userBefore, to string) error
}

func TestSidesThatDifferTooMuch(t *testing.T) {
	before, err := Compile(typeOf[directoryBefore](), options())
	if err != nil {
		t.Fatal(err)
	}
	other, err := Compile(typeOf[directoryOther](), options())
	if err != nil {
		t.Fatal(err)
	}
	_, err = before.From(other.Shape())
	for _, want := range []string{
		"carry.directoryBefore.Find: result 1: carry.userBefore: it is another type on the other side",
		"carry.directoryBefore.Move: it has another signature on the other side",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
	if _, err := before.From([]byte("no shape")); !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v, want ErrMalformed", err)
	}
}
