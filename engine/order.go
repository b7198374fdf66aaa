package engine

// order lets sources that start at the same time go live in the order of the options, so that the first of two
// plugins of one name is the same at every start.
type order []chan struct{}

func newOrder(n int) order {
	o := make(order, n)
	for i := range o {
		o[i] = make(chan struct{})
	}
	return o
}

// wait returns when everything before i is done. That holds nobody up: who waits for one waits for all.
func (o order) wait(i int) {
	for _, before := range o[:i] {
		<-before
	}
}

// done says that i is; it is said once.
func (o order) done(i int) { close(o[i]) }
