package schema

// compiler makes nodes of a document. What is wrong with the document is collected on the way, so that nothing here
// returns errors.
type compiler struct {
	doc       any
	nodes     map[string]*node     // by the JSON pointers of their schemas
	resources map[string]*resource // by their URIs
	refs      []*reference
	dynamic   bool // there are dynamic references that may lead elsewhere
	fault     *Fault
}

// compile makes the node of a document of JSON values. Nothing that it does not refer to is part of it.
func compile(doc any) (*node, error) {
	c := &compiler{doc: doc, nodes: make(map[string]*node), resources: make(map[string]*resource)}
	root := c.schema(doc, "", &resource{uri: location})
	if c.fault != nil {
		return nil, c.fault.err()
	}
	if err := c.resolve(); err != nil {
		return nil, err
	}
	if len(c.refs) > 0 {
		c.guard()
	}
	return root, nil
}

// refuse records what is wrong at a pointer. Of several faults the first one by pointer is told.
func (c *compiler) refuse(at, message string) {
	if c.fault == nil || at < c.fault.Pointer {
		c.fault = &Fault{at, message}
	}
}

// schema makes the node of a schema, which is at a pointer of the document and in a resource or the root of one.
func (c *compiler) schema(value any, at string, in *resource) *node {
	n := &node{resource: in}
	switch value := value.(type) {
	case bool:
		n.never, n.kind = !value, !value
	case map[string]any:
		b := builder{compiler: c, node: n, at: at}
		b.identify(value)
		for keyword, v := range value {
			b.keyword(keyword, v)
		}
		b.finish()
	default:
		c.refuse(at, "want "+(jsonBoolean|jsonObject).String()+", got "+typeOf(value).String())
	}
	if at == "" || n.resource != in {
		n.resource.root, n.resource.at = n, at
	}
	c.nodes[at] = n
	return n
}
