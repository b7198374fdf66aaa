package lower

import (
	"fmt"
	"go/types"
	"strings"
)

// boxedType is a type whose values get into interfaces.
type boxedType struct {
	typ types.Type
	id  int
}

// box makes a type known as one whose values get into interfaces.
func (l *lowerer) box(t types.Type) {
	if l.boxedAt.At(t) != nil {
		return
	}
	b := &boxedType{typ: t, id: l.typeNumber(t)}
	l.boxedAt.Set(t, b)
	l.boxed = append(l.boxed, b)
	l.heat(t, 0)
}

// heat makes known that compiled code may get hold of values of a type, and so of those that they are made of.
func (l *lowerer) heat(t types.Type, depth int) {
	t = types.Unalias(t)
	if l.hot.At(t) != nil || depth > 100 {
		return
	}
	l.addHot(t)
	if named, ok := t.(*types.Named); ok {
		if named.Obj().Pkg() == nil || !l.own(named.Obj()) {
			return
		}
		if !types.IsInterface(t) {
			l.addHot(types.NewPointer(t))
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		l.heat(u.Elem(), depth+1)
	case *types.Slice:
		l.heat(u.Elem(), depth+1)
	case *types.Array:
		l.heat(u.Elem(), depth+1)
	case *types.Map:
		l.heat(u.Key(), depth+1)
		l.heat(u.Elem(), depth+1)
	case *types.Struct:
		for f := range u.Fields() {
			l.heat(f.Type(), depth+1)
		}
	case *types.Chan:
		l.heat(u.Elem(), depth+1)
	case *types.Signature: // the host may call it
		for _, tuple := range []*types.Tuple{u.Params(), u.Results()} {
			for v := range tuple.Variables() {
				l.heat(v.Type(), depth+1)
			}
		}
	}
}

func (l *lowerer) addHot(t types.Type) {
	if l.hot.At(t) == nil {
		l.hot.Set(t, true)
		l.hotTypes = append(l.hotTypes, &hotType{typ: t})
	}
}

// alwaysHot are the names of methods that compiled code looks for in any value.
var alwaysHot = []string{
	"Error", "String", "GoString", "Format", "Unwrap", "Is", "As", "Timeout", "Temporary",
	"MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "IsZero",
}

// hotByImport returns those that the functions of a package look for besides.
func hotByImport(importPath string) []string {
	switch importPath {
	case "encoding/xml":
		return []string{"MarshalXML", "UnmarshalXML", "MarshalXMLAttr", "UnmarshalXMLAttr"}
	case "encoding":
		return []string{"MarshalBinary", "UnmarshalBinary", "AppendText", "AppendBinary"}
	case "fmt":
		return []string{"Scan"}
	case "flag":
		return []string{"Set", "IsBoolFlag", "Get"}
	case "log/slog":
		return []string{"LogValue"}
	case "encoding/gob":
		return []string{"GobEncode", "GobDecode", "MarshalBinary", "UnmarshalBinary"}
	case "context":
		return []string{"Deadline", "Done", "Err", "Value"}
	case "net":
		return []string{"Timeout", "Temporary"}
	case "database/sql":
		return []string{"Value", "Scan"}
	case "io":
		return []string{"Close", "WriteString", "ReadFrom", "WriteTo", "ReadByte", "UnreadByte", "WriteByte", "Seek", "ReadAt", "Read", "Write"}
	case "io/fs":
		return []string{"ReadFile", "ReadDir", "Stat", "Sub", "Glob", "Info", "Type", "Name", "IsDir", "Close", "Read", "ReadLink", "Lstat"}
	case "net/http":
		return []string{"Flush", "Hijack", "Push", "ReadFrom", "WriteString", "Unwrap", "Close"}
	case "sort":
		return []string{"Len", "Less", "Swap"}
	case "container/heap":
		return []string{"Len", "Less", "Swap", "Push", "Pop"}
	default:
		return nil
	}
}

// needMethodsOf makes the names of an interface's methods hot.
func (l *lowerer) needMethodsOf(t types.Type) {
	for m := range t.Underlying().(*types.Interface).Methods() {
		l.hotNames[m.Id()] = true
	}
}

// callsByName reports whether the program uses a package that calls methods by names from data.
func (l *lowerer) callsByName() bool {
	for _, pkg := range l.Packages {
		for _, imported := range pkg.Types.Imports() {
			switch imported.Path() {
			case "text/template", "html/template", "reflect":
				return true
			}
		}
	}
	return false
}

// helper returns a translator for a function that the author did not write.
func (l *lowerer) helper(sig *types.Signature) *fn {
	return &fn{l: l, sig: sig, helps: true, out: &block{}, top: &topLevel{names: make(map[types.Object]string)}}
}

// passOn returns the argument that is parameter i of a function made by params "a0, a1, …".
func (f *fn) passOn(sig *types.Signature, i int) string {
	if sig.Variadic() && i == sig.Params().Len()-1 {
		return fmt.Sprintf("a%d...", i)
	}
	return fmt.Sprintf("a%d", i)
}

// plainSignature returns the signature of a method without its receiver.
func plainSignature(m *types.Func) *types.Signature {
	sig := m.Signature()
	return types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
}

func joined(b *block) string {
	if len(b.lines) == 0 {
		return ""
	}
	return strings.Join(b.lines, "\n") + "\n"
}

// checkWrapped is a check that a pointer is not nil whose type has a method only because what it points to has.
func (l *lowerer) checkWrapped(t types.Type, sel *types.Selection) string {
	p, ok := t.(*types.Pointer)
	m := sel.Obj().(*types.Func)
	if !ok || len(sel.Index()) != 1 || m.Signature().Recv() == nil {
		return ""
	}
	if _, pointer := m.Signature().Recv().Type().(*types.Pointer); pointer {
		return ""
	}
	named, ok := types.Unalias(p.Elem()).(*types.Named)
	if !ok {
		return ""
	}
	name := named.Obj().Name()
	return fmt.Sprintf("if b.V.(%s) == nil { rt.NilReceiver(%s, %s, %s) }\n", l.typ(t), quote(named.Obj().Pkg().Name()), quote(name), quote(m.Name()))
}

// unpacked returns the text of the value of type t that an interface holds. The interpreter cannot assert a type without
// fields.
func (l *lowerer) unpacked(text string, t types.Type) string {
	typ := l.typ(t)
	if typ == "struct{}" {
		return "struct{}{}"
	}
	return fmt.Sprintf("%s.(%s)", text, typ)
}
