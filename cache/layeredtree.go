package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// Put implements Store. What the folder cannot keep is in the bucket.
func (l *Layered) Put(ctx context.Context, tree fs.FS) (Digest, error) {
	d, err := l.shared.Put(ctx, tree)
	if l.met(ctx, err) != nil {
		return "", err
	}
	_, err = l.local.Put(ctx, tree)
	if ctx.Err() != nil {
		return "", fmt.Errorf("put tree into cache: %w", ctx.Err())
	}
	l.unkept("tree "+string(d), err)
	return d, nil
}

// Open implements Store.
func (l *Layered) Open(ctx context.Context, d Digest) (fs.FS, error) {
	tree, localErr := l.local.Open(ctx, d)
	if localErr == nil || ctx.Err() != nil || !d.Valid() {
		return tree, localErr
	}
	tree, err := l.shared.Open(ctx, d)
	if l.met(ctx, err) != nil {
		if !errors.Is(localErr, ErrNotFound) && isAway(err) {
			err = errors.Join(err, localErr)
		}
		return nil, err
	}
	if !errors.Is(localErr, ErrNotFound) {
		l.say("the local copy of a tree is damaged, and is replaced from the shared cache", localErr)
	}
	_, err = l.local.Put(ctx, tree)
	if ctx.Err() == nil {
		l.unkept("tree "+string(d), err)
	}
	return tree, nil
}

// fetch sees to it that the folder has a tree, and reports whether it does.
func (l *Layered) fetch(ctx context.Context, d Digest) bool {
	if there, err := l.local.has(ctx, treePath(d)); there && err == nil {
		return true
	}
	if _, err := l.Open(ctx, d); err != nil {
		return false // who opens it is told
	}
	there, err := l.local.has(ctx, treePath(d))
	return there && err == nil
}
