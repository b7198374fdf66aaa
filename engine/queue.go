package engine

// queue is a list whose elements know their places, so that each leaves without a search.
type queue[T any] struct{ first, last *link[T] }

// link is the place of an element in a queue. The zero link is in none.
type link[T any] struct {
	of           T
	next, before *link[T]
	queued       bool
}

func (q *queue[T]) push(l *link[T]) {
	l.queued, l.before = true, q.last
	if q.last != nil {
		q.last.next = l
	} else {
		q.first = l
	}
	q.last = l
}

// remove takes l out, if it is in.
func (q *queue[T]) remove(l *link[T]) {
	if !l.queued {
		return
	}
	if l.before != nil {
		l.before.next = l.next
	} else {
		q.first = l.next
	}
	if l.next != nil {
		l.next.before = l.before
	} else {
		q.last = l.before
	}
	l.queued, l.next, l.before = false, nil, nil
}
