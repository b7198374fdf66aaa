//go:build !linux

package confine

import (
	"context"
	"fmt"
)

func watch(context.Context, int, Policy, func(string)) error {
	return fmt.Errorf("watch a process: %w", ErrUnsupported)
}
