package worker

import (
	"testing"
	"time"
)

func TestCounter(t *testing.T) {
	var c counter
	c.wait(0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.wait(2)
		if n := c.n.Load(); n < 2 {
			t.Errorf("returned at %d", n)
		}
	}()
	c.add()
	time.AfterFunc(time.Millisecond, c.add)
	<-done
	time.AfterFunc(time.Millisecond, c.end)
	begin := time.Now()
	c.wait(100)
	if took := time.Since(begin); took > heardTime/2 {
		t.Errorf("waited %s for what will not be heard", took)
	}
}
