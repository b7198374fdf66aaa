package schema

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// builder makes one node.
type builder struct {
	*compiler
	node *node
	at   string
}

// finish is what is left when all keywords are known.
func (b *builder) finish() {
	n := b.node
	if n.object != nil {
		n.object.require()
	}
	n.kind = n.fixed != nil || n.format != nil
	n.compound = n.compound || n.logic != nil || n.unevaluated != nil
	n.vets = n.isVetting()
}

// refuse records what is wrong with a keyword, or below it.
func (b *builder) refuse(message string, tokens ...string) {
	b.compiler.refuse(b.at+Pointer(tokens...), message)
}

// is reports whether the value of a keyword is of a type.
func (b *builder) is(t typeSet, value any, tokens ...string) bool {
	got := typeOf(value)
	if got != t {
		b.refuse("want "+t.String()+", got "+got.String(), tokens...)
	}
	return got == t
}

// schema makes the node of a schema within this one.
func (b *builder) schema(value any, tokens ...string) *node {
	return b.compiler.schema(value, b.at+Pointer(tokens...), b.node.resource)
}

// schemas makes the nodes of a list of schemas.
func (b *builder) schemas(keyword string, value any) []*node {
	if !b.is(jsonArray, value, keyword) {
		return nil
	}
	list := value.([]any)
	if len(list) == 0 {
		b.refuse("want at least 1 items, got 0", keyword)
	}
	nodes := make([]*node, len(list))
	for i, v := range list {
		nodes[i] = b.schema(v, keyword, strconv.Itoa(i))
	}
	return nodes
}

// members makes the nodes of the schemas of an object.
func (b *builder) members(keyword string, value any) []member {
	if !b.is(jsonObject, value, keyword) {
		return nil
	}
	schemas := value.(map[string]any)
	members := make([]member, 0, len(schemas))
	for name, v := range schemas {
		members = append(members, member{name: name, node: b.schema(v, keyword, name)})
	}
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	return members
}

// names reads a list of different strings.
func (b *builder) names(value any, tokens ...string) []string {
	if !b.is(jsonArray, value, tokens...) {
		return nil
	}
	list := value.([]any)
	names := make([]string, 0, len(list))
	for i, v := range list {
		if name, ok := v.(string); ok {
			names = append(names, name)
		} else {
			b.is(jsonString, v, append(tokens, strconv.Itoa(i))...)
		}
	}
	if i, j, found := equalItems(list); found {
		b.refuse("items "+strconv.Itoa(i)+" and "+strconv.Itoa(j)+" are equal", tokens...)
	}
	return names
}

// number reads a number.
func (b *builder) number(keyword string, value any) *number {
	if !b.is(jsonNumber, value, keyword) {
		return nil
	}
	n := newNumber(value)
	return &n
}

// count reads a number of things.
func (b *builder) count(keyword string, value any) int {
	n, zero := newNumber(value), newNumber(0)
	switch {
	case typeOf(value) != jsonNumber || !n.isInteger():
		b.refuse("want integer, got "+typeOf(value).String(), keyword)
	case n.compare(&zero) < 0:
		b.refuse("want at least 0", keyword)
	default:
		if count := n.rat().Num(); count.IsInt64() && count.Int64() <= math.MaxInt {
			return int(count.Int64())
		}
	}
	return math.MaxInt // nothing has so many
}

// The rules of a node are made when there is a keyword for them.

func (b *builder) fixed() *fixedRules {
	if b.node.fixed == nil {
		b.node.fixed = &fixedRules{}
	}
	return b.node.fixed
}

func (b *builder) numbers() *numberRules {
	if b.node.number == nil {
		b.node.number = &numberRules{}
	}
	return b.node.number
}

func (b *builder) texts() *textRules {
	if b.node.text == nil {
		b.node.text = &textRules{maxLength: math.MaxInt}
	}
	return b.node.text
}

func (b *builder) arrays() *arrayRules {
	if b.node.array == nil {
		b.node.array = &arrayRules{maxItems: math.MaxInt, minContains: unstated, maxContains: math.MaxInt}
	}
	return b.node.array
}

func (b *builder) objects() *objectRules {
	if b.node.object == nil {
		b.node.object = &objectRules{maxMembers: math.MaxInt}
	}
	return b.node.object
}

func (b *builder) logic() *logicRules {
	if b.node.logic == nil {
		b.node.logic = &logicRules{}
	}
	return b.node.logic
}

func (b *builder) unevaluated() *unevaluatedRules {
	if b.node.unevaluated == nil {
		b.node.unevaluated = &unevaluatedRules{}
	}
	return b.node.unevaluated
}
