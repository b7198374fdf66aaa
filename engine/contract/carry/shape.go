package carry

import (
	"crypto/sha256"
	"reflect"
)

// appendShape appends all nodes that can be reached from the methods, and those.
func appendShape(e *encoder, methods []signature) {
	w := shapeWriter{e: e, numbers: make(map[*node]uint64)}
	w.signatures(methods)
}

type shapeWriter struct {
	e       *encoder
	numbers map[*node]uint64
}

func (w *shapeWriter) signatures(list []signature) {
	w.e.uint(uint64(len(list)))
	for _, s := range list {
		w.e.string(s.name)
		w.e.bool(s.variadic)
		w.e.bool(s.fills)
		w.nodes(s.in)
		w.nodes(s.out)
	}
}

func (w *shapeWriter) nodes(list []*node) {
	w.e.uint(uint64(len(list)))
	for _, n := range list {
		w.node(n)
	}
}

// node appends a node, or the number of one that was appended before.
func (w *shapeWriter) node(n *node) {
	if number, ok := w.numbers[n]; ok {
		w.e.uint(number)
		return
	}
	w.e.uint(0)
	w.numbers[n] = uint64(len(w.numbers) + 1)
	w.e.byte(byte(n.form))
	switch n.form {
	case formSlice, formPointer:
		w.node(n.elem)
	case formArray:
		w.e.uint(uint64(n.length))
		w.node(n.elem)
	case formMap:
		w.node(n.key)
		w.node(n.elem)
	case formStruct:
		w.e.uint(uint64(len(n.fields)))
		for _, f := range n.fields {
			w.e.string(f.name)
			w.node(f.node)
		}
	case formBinary, formGob, formJSON, formText:
		w.e.string(n.name)
	case formFunc, formInterface:
		w.signatures(n.methods)
	}
}

// maxShape bounds how many types, fields and methods a shape of another side has.
const maxShape = 1 << 16

// shapeReader takes apart what a shapeWriter appended.
type shapeReader struct {
	d     *decoder
	nodes []*node
	parts int
	deep  int
}

// parseShape returns the methods of the other side.
func parseShape(b []byte) ([]signature, error) {
	r := shapeReader{d: &decoder{rest: b, memory: DefaultMaxSize}}
	methods := r.signatures()
	if len(r.d.rest) > 0 {
		r.d.malformed("more bytes than a shape")
	}
	return methods, r.d.err
}

func (r *shapeReader) more(n int) bool {
	if r.parts += n; r.parts > maxShape {
		r.d.malformed("a shape of too many parts")
	}
	return r.d.err == nil
}

func (r *shapeReader) signatures() []signature {
	n := r.d.count(1)
	if !r.more(n) {
		return nil
	}
	list := make([]signature, n)
	for i := range list {
		list[i] = signature{name: r.d.string(), variadic: r.d.bool(), fills: r.d.bool(), in: r.list(), out: r.list()}
	}
	return list
}

func (r *shapeReader) list() []*node {
	n := r.d.count(1)
	if !r.more(n) {
		return nil
	}
	list := make([]*node, n)
	for i := range list {
		list[i] = r.node()
	}
	return list
}

// node never returns nil.
func (r *shapeReader) node() *node {
	n := &node{}
	if number := r.d.uint(); number > 0 {
		if number > uint64(len(r.nodes)) {
			r.d.malformed("a type that was not described")
			return n
		}
		return r.nodes[number-1]
	}
	r.deep++
	defer func() { r.deep-- }()
	if r.deep > maxDepth/10 {
		r.d.malformed("a shape that is nested too deep")
	}
	if !r.more(1) {
		return n
	}
	r.nodes = append(r.nodes, n)
	n.form = form(r.d.byte())
	switch n.form {
	case formSlice, formPointer:
		n.elem = r.node()
	case formArray:
		n.length = r.d.count(0)
		n.elem = r.node()
	case formMap:
		n.key, n.elem = r.node(), r.node()
	case formStruct:
		count := r.d.count(1)
		if !r.more(count) {
			return n
		}
		for range count {
			n.fields = append(n.fields, field{name: r.d.string(), node: r.node()})
		}
	case formBinary, formGob, formJSON, formText:
		n.name = r.d.string()
	case formFunc, formInterface:
		n.methods = r.signatures()
		if n.form == formFunc && len(n.methods) != 1 {
			r.d.malformed("a function of %d signatures", len(n.methods))
		}
	case formBytes, formAny, formError, formContext:
	default:
		if k := reflect.Kind(n.form); k < reflect.Bool || k > reflect.Complex128 && k != reflect.String || k == reflect.Uintptr {
			r.d.malformed("a type of the form %d", n.form)
		}
	}
	return n
}

// fingerprint is the same for shapes that are.
func fingerprint(methods []signature) [sha256.Size]byte {
	e := encoder{limit: DefaultMaxSize}
	appendShape(&e, methods)
	return sha256.Sum256(e.buf)
}
