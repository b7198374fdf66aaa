package cache

import (
	"context"
	"fmt"
	"time"
)

// Sync is what came of asking an origin.
type Sync struct {
	// ID counts the syncs of a source that are recorded.
	ID int64     `json:"id"`
	At time.Time `json:"at"`
	// Result is what came of it.
	Result SyncResult `json:"result"`
	// Revision is what the origin had, empty where it did not say.
	Revision string `json:"revision"`
	Digest   Digest `json:"digest"`
	// Kind is that of the error, and Error the error; empty for none.
	Kind  string `json:"kind"`
	Error string `json:"error"`
	// Requests and Bytes passed between the source and its origin.
	Requests int64 `json:"requests"`
	Bytes    int64 `json:"bytes"`
	// Milliseconds is how long it took.
	Milliseconds int64 `json:"duration_ms"`
}

// SyncResult is what came of a sync.
type SyncResult string

const (
	// SyncChanged brought another tree. Packages of it may have failed: then there is an error.
	SyncChanged SyncResult = "changed"
	// SyncFailed could not be done, for another reason than the sync before.
	SyncFailed SyncResult = "failed"
	// SyncRecovered found what is known, after one that failed.
	SyncRecovered SyncResult = "recovered"
)

// SetSyncs implements Store.
func (f *Files) SetSyncs(ctx context.Context, source string, list []Sync) error {
	err := checkName(ctx, source)
	if err == nil {
		err = f.writeRecord(syncsPath(source), list)
	}
	if err != nil {
		return fmt.Errorf("record syncs of %s: %w", source, err)
	}
	return nil
}

// Syncs implements Store.
func (f *Files) Syncs(ctx context.Context, source string) ([]Sync, error) {
	return readSyncs(ctx, f, source)
}

func syncsPath(name string) string { return recordPath(syncsDir, name) }
