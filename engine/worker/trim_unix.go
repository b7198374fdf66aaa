//go:build unix && !linux

package worker

type trimmer struct{}

func newTrimmer() trimmer { return trimmer{} }

func (trimmer) later() {}
