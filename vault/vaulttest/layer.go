package vaulttest

import (
	"errors"
	"slices"
	"sync"

	"ashpost/vault"
)

// Op is one operation on the slot file.
type Op string

// The operations a [Layer] records and hooks.
const (
	Write  Op = "write"
	Sync   Op = "sync"
	Read   Op = "read"
	Fresh  Op = "fresh"
	Stored Op = "stored" // not the slot file: chunks became durable
)

// Layer lies over the slot file. It records what happens in order. Hook, when
// set, is asked before each operation: an error is returned in place of the
// operation, [Silent] makes a write do nothing and succeed, [Short] and [Lost]
// leave damage behind. A hook may block.
type Layer struct {
	vault.Medium
	mu       sync.Mutex
	ops      []Op
	hook     func(Op) error
	unsynced []before // what the writes since the last sync replaced
}

// before is what a write replaced.
type before struct {
	off int64
	b   []byte
}

type silent struct{}

func (silent) Error() string { return "silent" }

// Silent, returned by a hook, turns a write into one that silently does
// nothing.
var Silent error = silent{}

type short struct{ error }

// Short, returned by a hook, makes a write stop half-way and fail with err.
func Short(err error) error { return short{err} }

type lost struct{ error }

// Lost, returned by a hook, makes a sync fail with err and undoes what was
// written since the last one: the kernel drops the pages it could not write.
func Lost(err error) error { return lost{err} }

// Wrap is for [vault.Options.Medium].
func (l *Layer) Wrap(m vault.Medium) vault.Medium {
	l.Medium = m
	return l
}

// SetHook replaces the hook; nil removes it.
func (l *Layer) SetHook(h func(Op) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hook = h
}

// Note records an operation, first asking the hook.
func (l *Layer) Note(op Op) error {
	l.mu.Lock()
	l.ops = append(l.ops, op)
	h := l.hook
	l.mu.Unlock()
	if h == nil {
		return nil
	}
	return h(op)
}

// Take returns what was recorded since the last call.
func (l *Layer) Take() []Op {
	l.mu.Lock()
	defer l.mu.Unlock()
	ops := slices.Clone(l.ops)
	l.ops = l.ops[:0]
	return ops
}

func (l *Layer) ReadAt(p []byte, off int64) (int, error) {
	if err := l.Note(Read); err != nil {
		return 0, err
	}
	return l.Medium.ReadAt(p, off)
}

func (l *Layer) WriteAt(p []byte, off int64) (int, error) {
	switch err := l.Note(Write); {
	case err == Silent:
		return len(p), nil
	case errors.As(err, &short{}):
		n, _ := l.write(p[:len(p)/2], off)
		return n, err
	case err != nil:
		return 0, err
	}
	return l.write(p, off)
}

func (l *Layer) write(p []byte, off int64) (int, error) {
	old := before{off, make([]byte, len(p))}
	if _, err := l.Medium.ReadAt(old.b, off); err != nil {
		return 0, err
	}
	l.mu.Lock()
	l.unsynced = append(l.unsynced, old)
	l.mu.Unlock()
	return l.Medium.WriteAt(p, off)
}

func (l *Layer) Sync() error {
	err := l.Note(Sync)
	if err != nil && !errors.As(err, &lost{}) {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.unsynced = nil
		return l.Medium.Sync()
	}
	for _, old := range slices.Backward(l.unsynced) {
		if _, werr := l.Medium.WriteAt(old.b, old.off); werr != nil {
			return werr
		}
	}
	l.unsynced = nil
	return err
}

func (l *Layer) ReadFresh(p []byte, off int64) (int, error) {
	if err := l.Note(Fresh); err != nil {
		return 0, err
	}
	return l.Medium.ReadFresh(p, off)
}
