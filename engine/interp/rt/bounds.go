package rt

import "fmt"

// What a slice expression says of its bounds: bit i that bound i is given, bit i+unsignedBound that it is of an unsigned
// type, where i is lowBound, highBound or maxBound.
const (
	lowBound = iota
	highBound
	maxBound
	unsignedBound
	// noCapacity: what is sliced is a string or an array.
	noCapacity = 1 << 6
)

// sliceCheck is the bounds of a slice expression, with those that are not given filled in.
type sliceCheck struct {
	what   int
	bounds [3]int
}

// checkSlice panics where the bounds of a slice expression are out of range, as compiled code does.
func (p *Program) checkSlice(site, what, low, high, limit, length, capacity int) {
	c := sliceCheck{what, [3]int{low, high, limit}}
	if !c.given(lowBound) {
		c.bounds[lowBound] = 0
	}
	if !c.given(highBound) {
		c.bounds[highBound] = length
	}
	if text := c.violation(length, capacity); text != "" {
		p.raise(site, runtimeError("slice bounds out of range "+text))
	}
}

func (c sliceCheck) given(i int) bool { return c.what&(1<<i) != 0 }

// violation describes the first bound that is out of range, "" where all are in it. The last bound is looked at first.
func (c sliceCheck) violation(length, capacity int) string {
	size, most := "capacity", capacity
	if c.what&noCapacity != 0 {
		size, most = "length", length
	}
	if !c.given(maxBound) {
		switch {
		case c.exceeds(highBound, most):
			return c.bare(highBound, "[:%s]", fmt.Sprintf("[:%%s] with %s %d", size, most))
		case c.exceeds(lowBound, c.bounds[highBound]):
			return c.bare(lowBound, "[%s:]", fmt.Sprintf("[%%s:%d]", c.bounds[highBound]))
		}
		return ""
	}
	switch {
	case c.exceeds(maxBound, most):
		return c.bare(maxBound, "[::%s]", fmt.Sprintf("[::%%s] with %s %d", size, most))
	case c.exceeds(highBound, c.bounds[maxBound]):
		return c.bare(highBound, "[:%s:]", fmt.Sprintf("[:%%s:%d]", c.bounds[maxBound]))
	case c.exceeds(lowBound, c.bounds[highBound]):
		return c.bare(lowBound, "[%s::]", fmt.Sprintf("[%%s:%d:]", c.bounds[highBound]))
	}
	return ""
}

// exceeds reports whether a bound is not in range. One of an unsigned type that no int holds is negative here.
func (c sliceCheck) exceeds(i, limit int) bool { return c.bounds[i] < 0 || c.bounds[i] > limit }

// bare puts a bound into the form for negative ones, or into that for others.
func (c sliceCheck) bare(i int, negative, other string) string {
	v := c.bounds[i]
	switch {
	case c.given(i + unsignedBound):
		return fmt.Sprintf(other, fmt.Sprint(uint64(v)))
	case v < 0:
		return fmt.Sprintf(negative, fmt.Sprint(v))
	}
	return fmt.Sprintf(other, fmt.Sprint(v))
}
