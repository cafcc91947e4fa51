package vaulttest

import (
	"slices"
	"sync"

	"ashpost/vault"
)

// Journal lies over the slot file and keeps every write and sync of it, and
// what a test notes in between, in one order. What a power cut can leave is
// made from it.
type Journal struct {
	vault.Medium
	mu      sync.Mutex
	entries []Entry
}

// Entry is a write or a sync that succeeded, or a note.
type Entry struct {
	Op   Op     // [Write] or [Sync]; empty for a note
	Off  int64  // of a write
	Data []byte // of a write
	Note any
}

// Wrap is for [vault.Options.Medium].
func (j *Journal) Wrap(m vault.Medium) vault.Medium {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.Medium = m
	return j
}

// Note adds a note.
func (j *Journal) Note(note any) { j.add(Entry{Note: note}) }

// Take returns everything so far.
func (j *Journal) Take() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.entries)
}

func (j *Journal) add(e Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, e)
}

// WriteAt is in the journal before its caller learns that it succeeded.
func (j *Journal) WriteAt(p []byte, off int64) (int, error) {
	n, err := j.Medium.WriteAt(p, off)
	if err == nil {
		j.add(Entry{Op: Write, Off: off, Data: slices.Clone(p)})
	}
	return n, err
}

// Sync is in the journal before its caller learns that it succeeded.
func (j *Journal) Sync() error {
	err := j.Medium.Sync()
	if err == nil {
		j.add(Entry{Op: Sync})
	}
	return err
}
