package box

import (
	"encoding/xml"
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// xmlShape is a struct type that encoding/xml may have in place of one of the program: it has the fields that matter, under
// the same names and tags. Values that encoding/xml cannot have as they are stand behind types of this package, which
// write and read them.
type xmlShape struct {
	rt     reflect.Type
	fields []xmlField
	// named says that there is a field XMLName: name is its tag, and namePath the way to it through embedded structs.
	named    bool
	name     string
	namePath []int
	err      error
}

// xmlField is a field of a shape. Field i of rt stands for field index of the struct.
type xmlField struct {
	index int
	typ   types.Type
	mode  string // the flags of the tag that are no options: "attr", "any,attr", …; empty for elements
	// direct fields are there as they are.
	direct    bool
	inner     *xmlShape // of an embedded struct
	pointer   bool      // the embedded struct is behind a pointer
	parents   bool      // the tag names elements around the field's
	omitEmpty bool
}

// xmlCodec is what a program's types mean to encoding/xml.
type xmlCodec struct{ prog *Program }

type xmlShapeKey struct {
	key     jsonKey
	reading bool
}

func (p *Program) xml() xmlCodec { return xmlCodec{p} }

// shape returns the shape of a struct type, for reading or for writing.
func (c xmlCodec) shape(t types.Type, rt reflect.Type, reading bool) *xmlShape {
	key := xmlShapeKey{jsonKey{c.prog.Type(t), rt}, reading}
	if known, ok := c.prog.memo.Load(key); ok {
		return known.(*xmlShape)
	}
	made, _ := c.prog.memo.LoadOrStore(key, c.newShape(t, rt, reading))
	return made.(*xmlShape)
}

func (c xmlCodec) newShape(t types.Type, rt reflect.Type, reading bool) *xmlShape {
	s := &xmlShape{}
	st := t.Underlying().(*types.Struct)
	var fields []reflect.StructField
	for i := range st.NumFields() {
		v := st.Field(i)
		tag, tagged := reflect.StructTag(st.Tag(i)).Lookup("xml")
		if !v.Exported() && !v.Embedded() || tag == "-" {
			continue
		}
		f := xmlField{index: i, typ: v.Type()}
		made := reflect.StructField{Name: v.Name()}
		if tagged {
			made.Tag = xmlTag(tag)
		}
		switch _, isStruct := pointee(v.Type()).Underlying().(*types.Struct); {
		case v.Embedded() && isStruct:
			made = c.embed(&f, rt.Field(i).Type, reading)
			if f.inner.err != nil {
				s.err = f.inner.err
				return s
			}
		case !v.Exported():
			continue
		default:
			if err := c.plainField(&f, &made, t, tag, rt.Field(i).Type, reading); err != nil {
				s.err = err
				return s
			}
		}
		if v.Name() == "XMLName" {
			s.named, s.name, s.namePath = true, tag, []int{i}
			if f.typ.String() == "encoding/xml.Name" {
				made.Type, f.direct = reflect.TypeFor[xml.Name](), true
			}
		}
		if f.inner != nil && f.inner.named && !s.named {
			s.named, s.name, s.namePath = true, f.inner.name, append([]int{i}, f.inner.namePath...)
		}
		s.fields = append(s.fields, f)
		fields = append(fields, made)
	}
	s.rt = reflect.StructOf(fields)
	return s
}

// embed makes the field for an embedded struct, whose fields encoding/xml then finds.
func (c xmlCodec) embed(f *xmlField, rt reflect.Type, reading bool) reflect.StructField {
	made := reflect.StructField{Name: "Embedded" + strconv.Itoa(f.index), Anonymous: true}
	_, f.pointer = types.Unalias(f.typ).(*types.Pointer)
	if rt.Kind() == reflect.Pointer {
		rt = rt.Elem()
	}
	if rt.Kind() != reflect.Struct {
		f.inner = &xmlShape{err: fmt.Errorf("xml: embedded %s leads back to its own type", c.prog.name(f.typ))}
		return made
	}
	f.inner = c.shape(pointee(f.typ), rt, reading)
	if made.Type = f.inner.rt; f.pointer && made.Type != nil {
		made.Type = reflect.PointerTo(made.Type)
	}
	return made
}

func (c xmlCodec) plainField(f *xmlField, made *reflect.StructField, owner types.Type, tag string, rt reflect.Type, reading bool) error {
	name, flags, _ := strings.Cut(tag, ",")
	for flag := range strings.SplitSeq(flags, ",") {
		switch flag {
		case "omitempty":
			f.omitEmpty = true
		case "attr", "cdata", "chardata", "innerxml", "comment", "any":
			f.mode = strings.TrimPrefix(f.mode+","+flag, ",")
		}
	}
	f.parents = strings.Contains(name, ">")
	f.direct = c.direct(f.typ, rt)
	switch {
	case f.direct:
		made.Type = rt
	case reading:
		made.Type = reflect.TypeFor[xmlReader]()
	default:
		made.Type = reflect.TypeFor[any]()
	}
	if f.mode == "attr" && !reading && !f.direct && rt.Kind() == reflect.Slice && rt.Elem().Kind() != reflect.Uint8 &&
		!c.hasMethods(f.typ) {
		made.Type = reflect.TypeFor[[]any]()
	}
	if made.Name == "XMLName" {
		return nil
	}
	// The name of a type's own XMLName counts where the tag of the field has none, and must not be another.
	space, local := c.nameOf(f.typ)
	if local == "" || f.mode != "" {
		return nil
	}
	if name == "" {
		if space != "" {
			local = space + " " + local
		}
		made.Tag = xmlTag(local + "," + flags)
		return nil
	}
	last := name[strings.LastIndexAny(name, " >")+1:]
	if last != local && last != "" {
		return fmt.Errorf("xml: name %q in tag of %s.%s conflicts with name %q in %s.XMLName", last, c.prog.name(owner), made.Name, local, c.prog.name(f.typ))
	}
	return nil
}

func xmlTag(tag string) reflect.StructTag { return reflect.StructTag("xml:" + strconv.Quote(tag)) }

// nameOf returns the name that the tag of a struct's field XMLName gives.
func (c xmlCodec) nameOf(t types.Type) (space, local string) {
	for {
		p, ok := t.Underlying().(*types.Pointer)
		if !ok {
			break
		}
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return "", ""
	}
	for i := range st.NumFields() {
		if st.Field(i).Name() == "XMLName" {
			return xmlNameIn(reflect.StructTag(st.Tag(i)).Get("xml"))
		}
	}
	return "", ""
}

// xmlNameIn returns the name that a tag gives.
func xmlNameIn(tag string) (space, local string) {
	if s, rest, ok := strings.Cut(tag, " "); ok {
		space, tag = s, rest
	}
	local, _, _ = strings.Cut(tag, ",")
	return space, local
}

// direct reports whether encoding/xml may have values of a type as they are.
func (c xmlCodec) direct(t types.Type, rt reflect.Type) bool {
	if odd(t, rt) {
		return false
	}
	if isHost(rt) {
		return rt.Kind() != reflect.Interface
	}
	if c.hasMethods(t) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return rt.Kind() <= reflect.Float64 || rt.Kind() == reflect.String
	case *types.Pointer:
		return rt.Elem().Kind() != reflect.Pointer && c.direct(u.Elem(), rt.Elem())
	case *types.Slice:
		return c.direct(u.Elem(), rt.Elem())
	case *types.Array:
		return rt.Elem().Kind() == reflect.Uint8
	}
	return false
}

// hasMethods reports whether a type, or a pointer to it, has a method that encoding/xml calls.
func (c xmlCodec) hasMethods(t types.Type) bool {
	return slices.ContainsFunc([]string{
		"MarshalXML", "MarshalXMLAttr", "MarshalText", "UnmarshalXML", "UnmarshalXMLAttr", "UnmarshalText",
	}, func(name string) bool {
		found, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
		_, ok := found.(*types.Func)
		return ok
	})
}

// renamed returns an error of encoding/xml with the author's name of a type in place of a shape.
func (c xmlCodec) renamed(s *xmlShape, err error, t types.Type) error {
	switch failed := err.(type) { //nolint:errorlint // only errors that encoding/xml makes itself name the shape
	case nil:
		return nil
	case *xml.TagPathError:
		if failed.Struct == s.rt {
			failed.Struct = c.prog.named(t, s.rt)
		}
		return err
	case *xml.SyntaxError, xml.UnmarshalError:
		return err
	}
	if shape := s.rt.String(); strings.Contains(err.Error(), shape) {
		return fmt.Errorf("%s", strings.ReplaceAll(err.Error(), shape, c.prog.name(t)))
	}
	return err
}
