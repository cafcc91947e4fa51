package vault

import (
	"sync/atomic"
	"time"
)

// HastenPatience makes the seconds of waiting for the disk shorter.
func (v *Vault) HastenPatience(tick time.Duration) { v.patience.tick = tick }

// Hung is how many operations were given up and are not through.
func (v *Vault) Hung() int64 { return v.patience.hung.Load() }

// KeepChunks keeps chunks that nobody owns until the returned function is
// called: a power cut may come at any moment before they are deleted.
func (v *Vault) KeepChunks() (end func()) {
	var ended atomic.Bool
	free := v.heap.free
	v.heap.free = func() (int64, error) {
		if !ended.Load() {
			return 0, nil
		}
		return free()
	}
	return func() { ended.Store(true) }
}
