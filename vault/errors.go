package vault

import (
	"errors"
	"fmt"
)

var (
	// ErrGone is the one refusal: unknown, read, expired, revoked, evicted,
	// wrong proof. Callers must not tell these apart; neither does the vault.
	ErrGone = errors.New("gone")
	// ErrLocked says that destruction is not proven at present.
	ErrLocked = errors.New("locked")
	// ErrNotProven answers an erasure that was attempted while locked.
	ErrNotProven = errors.New("erasure attempted, not proven")
	// ErrFull says that no slot, quota or disk space is left, or for a new
	// upload too little of it, or that an inbox is full.
	ErrFull = errors.New("full")
	// ErrBusy says that too much is under way; a later try may succeed.
	ErrBusy = errors.New("busy")
	// ErrTooLarge says that the message exceeds [Limits].
	ErrTooLarge = errors.New("message too large")
	// ErrConflict says that the upload was committed with other content, that an
	// inbox is of another kind, or that a request was answered before.
	ErrConflict = errors.New("already there, and otherwise")
	// ErrReplaced says that the notebook to be replaced is another one by now, or
	// gone: its owner has to read it first.
	ErrReplaced = errors.New("replaced meanwhile")
	// ErrInUse says that another process holds the data folder.
	ErrInUse = errors.New("already running on this data folder")

	errNarrow = &UnsuitableError{
		Why: "32-bit machines cannot map the store",
		Do:  "Run the service on a 64-bit system; on a Raspberry Pi 3 or newer install the 64-bit one.",
	}

	errFsync = fmt.Errorf("%w: a sync to disk failed", ErrLocked)
)

// IncompleteError names the parts a commit still lacks.
type IncompleteError struct{ Missing []int }

func (e *IncompleteError) Error() string { return fmt.Sprintf("%d parts missing", len(e.Missing)) }

// InvalidError says which of the caller's values is out of bounds. Reason
// holds no identifier and no content.
type InvalidError struct{ Reason string }

func (e *InvalidError) Error() string { return e.Reason }
