package s3_test

import (
	"testing"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/cache/cachetest"
)

func TestStore(t *testing.T) {
	cachetest.Run(t, func(t *testing.T) cache.Store {
		t.Helper()
		return newPlace(t).open(t)
	})
}
