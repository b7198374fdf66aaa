package box

import (
	"errors"
	"fmt"
	"go/types"
	"reflect"
)

// scanned returns the operands of a scan as fmt can store into them: the pointer in place of a Box of one.
func scanned(a []any) []any {
	if !hasBox(a) {
		return a
	}
	to := make([]any, len(a))
	for i, v := range a {
		if b, ok := v.(Box); ok {
			v = target(b)
		}
		to[i] = v
	}
	return to
}

func target(b Box) any {
	if isScanner(b.T.Type) {
		if m, ok := b.T.Method("Scan"); ok {
			return scanner{b, m}
		}
	}
	f := b.T.form()
	if f.kind != reflect.Pointer {
		return scanFault("type not a pointer: " + f.name)
	}
	switch elem := f.elem.form(); elem.kind {
	case reflect.Bool, reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return b.V
	case reflect.Slice:
		if elem.elem.form().kind == reflect.Uint8 {
			return b.V
		}
	}
	return scanFault("can't scan type: " + f.name)
}

func isScanner(t types.Type) bool {
	sig := methodSignature(t, "Scan")
	return sig != nil && sig.Params().Len() == 2 && sig.Results().Len() == 1 && !sig.Variadic() &&
		Name(sig.Params().At(0).Type()) == "fmt.ScanState" && types.Identical(sig.Params().At(1).Type(), types.Typ[types.Int32]) &&
		types.Identical(sig.Results().At(0).Type(), types.Universe.Lookup("error").Type())
}

// scanner calls the Scan method of the program.
type scanner struct {
	b Box
	m Method
}

// Scan implements fmt.Scanner.
func (s scanner) Scan(state fmt.ScanState, verb rune) error {
	out := s.m.Call(s.b.V, reflect.ValueOf(state), reflect.ValueOf(verb))
	err, _ := reflect.TypeAssert[error](out[0])
	return err
}

// scanFault is what fmt says of an operand that it cannot store into.
type scanFault string

// Scan implements fmt.Scanner.
func (f scanFault) Scan(fmt.ScanState, rune) error { return errors.New(string(f)) }
