package vaulttest

import (
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
// operation, [Silent] makes a write do nothing and succeed. A hook may block.
type Layer struct {
	vault.Medium
	mu   sync.Mutex
	ops  []Op
	hook func(Op) error
}

type silent struct{}

func (silent) Error() string { return "silent" }

// Silent, returned by a hook, turns a write into one that silently does
// nothing.
var Silent error = silent{}

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
	case err != nil:
		return 0, err
	}
	return l.Medium.WriteAt(p, off)
}

func (l *Layer) Sync() error {
	if err := l.Note(Sync); err != nil {
		return err
	}
	return l.Medium.Sync()
}

func (l *Layer) ReadFresh(p []byte, off int64) (int, error) {
	if err := l.Note(Fresh); err != nil {
		return 0, err
	}
	return l.Medium.ReadFresh(p, off)
}
