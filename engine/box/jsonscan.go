package box

// space skips white space.
func (d *jsonDecoder) space() {
	for d.off < len(d.data) {
		switch d.data[d.off] {
		case ' ', '\t', '\r', '\n':
			d.off++
		default:
			return
		}
	}
}

// next goes to the next element of an array or object. It reports false behind its end.
func (d *jsonDecoder) next(end byte, first bool) bool {
	if first {
		d.off++ // the bracket
	}
	d.space()
	if d.data[d.off] == end {
		d.off++
		return false
	}
	if !first {
		d.off++ // the comma
		d.space()
	}
	return true
}

// key reads the key of an object's member, and its colon. The second result is the key with its quotes.
func (d *jsonDecoder) key() (string, []byte) {
	item := d.token()
	key, _ := unquoteJSON(item)
	d.space()
	d.off++
	d.space()
	return key, item
}

// token reads a literal.
func (d *jsonDecoder) token() []byte {
	at := d.off
	if d.data[at] == '"' {
		for d.off++; d.data[d.off] != '"'; d.off++ {
			if d.data[d.off] == '\\' {
				d.off++
			}
		}
		d.off++
		return d.data[at:d.off:d.off]
	}
	for d.off < len(d.data) {
		switch d.data[d.off] {
		case ' ', '\t', '\r', '\n', ',', ']', '}', ':':
			return d.data[at:d.off:d.off]
		}
		d.off++
	}
	return d.data[at:d.off:d.off]
}

// skip goes behind the value that begins here.
func (d *jsonDecoder) skip() {
	depth := 0
	for {
		switch d.data[d.off] {
		case '[', '{':
			depth++
			d.off++
		case ']', '}':
			depth--
			d.off++
		case ' ', '\t', '\r', '\n', ',', ':':
			d.off++
			continue
		default:
			d.token()
		}
		if depth == 0 {
			return
		}
	}
}

// any reads a value as an empty interface holds it.
func (d *jsonDecoder) any() any {
	switch d.data[d.off] {
	case '[':
		return d.arrayAny()
	case '{':
		return d.objectAny()
	}
	switch item := d.token(); item[0] {
	case 'n':
		return nil
	case 't', 'f':
		return item[0] == 't'
	case '"':
		s, _ := unquoteJSON(item)
		return s
	default:
		n, err := d.number(string(item), d.off+1)
		if err != nil {
			d.save(err)
		}
		return n
	}
}

func (d *jsonDecoder) arrayAny() []any {
	list := []any{}
	for first := true; d.next(']', first); first = false {
		list = append(list, d.any())
	}
	return list
}

func (d *jsonDecoder) objectAny() map[string]any {
	object := map[string]any{}
	for first := true; d.next('}', first); first = false {
		key, _ := d.key()
		object[key] = d.any()
	}
	return object
}
