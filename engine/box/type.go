package box

import (
	"context"
	"go/types"
	"io"
	"log"
	"log/slog"
	"reflect"
	"sync"
	"sync/atomic"

	"golang.org/x/tools/go/types/typeutil"
)

// Type describes one type of one program. Within a program, identical types have one Type.
type Type struct {
	// ID numbers the types of a program from 1.
	ID int
	// Type is never an alias.
	Type types.Type

	prog    *Program
	mu      sync.RWMutex
	methods map[string]Method

	printed atomic.Pointer[form]
}

// Method is a method of a Type, as a function whose first parameter, of type any, is the receiver in its erased form.
type Method struct {
	Func reflect.Value
	// Plain is the same as a function of a receiver of its own type, where the host may call it so; else it is not valid.
	Plain reflect.Value
}

// String returns the type as %T prints it.
func (t *Type) String() string { return t.form().name }

// Program returns the program whose type this is.
func (t *Type) Program() *Program { return t.prog }

// Method returns the method of that name. The name of one that is not exported has the package's path and a dot before it,
// as types.Func.Id has. The method set is that of the type itself: methods with pointer receivers belong to the Type of the
// pointer.
func (t *Type) Method(name string) (Method, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	m, ok := t.methods[name]
	return m, ok
}

// SetMethod gives the type a method: f is a function as Method describes it. It is called while a program starts.
func (t *Type) SetMethod(name string, f any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.methods == nil {
		t.methods = make(map[string]Method)
	}
	t.methods[name] = Method{Func: reflect.ValueOf(f)}
}

// SetPlainMethod is SetMethod for a function whose first parameter is the receiver, of the type that its erased form has.
func (t *Type) SetPlainMethod(name string, f any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.methods[name]
	m.Plain = reflect.ValueOf(f)
	t.methods[name] = m
}

// Call calls the method with a receiver in its erased form.
func (m Method) Call(recv any, args ...reflect.Value) []reflect.Value {
	in := make([]reflect.Value, 1, 1+len(args))
	in[0] = reflect.New(m.Func.Type().In(0)).Elem()
	if recv != nil {
		in[0].Set(reflect.ValueOf(recv))
	}
	if m.Func.Type().IsVariadic() {
		return m.Func.CallSlice(append(in, args...))
	}
	return m.Func.Call(append(in, args...))
}

// Program is the types of one program. It is safe for concurrent use. The exported fields are set before it starts.
type Program struct {
	funcsMu sync.Mutex
	funcs   []map[string]any // those of the groups that were asked for

	// Stdout and Stdin are the program's. Those of the process are where they are nil.
	Stdout io.Writer
	Stdin  io.Reader
	// Log is what the functions of package log use. It is that of the process where it is nil.
	Log *log.Logger
	// Logger returns what the functions of package log/slog use. It is slog.Default where it is nil.
	Logger func(context.Context) *slog.Logger
	// Fatal ends the program when log.Fatal or its like has logged the text. Where it is nil, the process exits with status 1.
	Fatal func(text string)
	// Locals tells of types that are declared in generic functions what else belongs to their names.
	Locals map[*types.Named]Local
	// Meant returns what a value that was recovered from a panic of the program stands for. It may be nil.
	Meant func(v any) any
	// StandIn returns what is called in the place of a method of a compiled type, however the program finds it, with the receiver
	// as its first parameter. It is nil where that is the method itself. The name is that of types.Func.FullName. StandIn may
	// be nil.
	StandIn func(name string) any
	// Wrap returns a Box as a value of an interface of compiled code, other than error, that it implements. It may be nil.
	Wrap func(b Box, i reflect.Type) reflect.Value

	universe Universe

	mu    sync.RWMutex
	types typeutil.Map // of *Type
	all   []*Type

	placed sync.Mutex // held while log prints a place

	memo sync.Map // what has been worked out about types, by keys of the packages' own
}

// Universe knows the types of compiled code.
type Universe interface {
	// TypeOf returns the type of compiled values.
	TypeOf(reflect.Type) types.Type
}

// NewProgram returns a Program without types.
func NewProgram(universe Universe) *Program {
	return &Program{universe: universe}
}

// Type returns the description of a type, a new one where it has none yet.
func (p *Program) Type(t types.Type) *Type {
	p.mu.RLock()
	found, _ := p.types.At(t).(*Type)
	p.mu.RUnlock()
	if found != nil {
		return found
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if found, _ := p.types.At(t).(*Type); found != nil {
		return found
	}
	made := &Type{ID: len(p.all) + 1, Type: types.Unalias(t), prog: p}
	p.types.Set(t, made)
	p.all = append(p.all, made)
	return made
}

// TypeOf returns the type that a value in an interface has: that of its Box, or that of compiled code. It is nil for nil.
func (p *Program) TypeOf(v any) types.Type {
	switch b := Unwrap(v).(type) {
	case nil:
		return nil
	case Box:
		return b.T.Type
	default:
		return p.universe.TypeOf(reflect.TypeOf(b))
	}
}
