package vault

import "time"

// HastenPatience makes the seconds of waiting for the disk shorter.
func (v *Vault) HastenPatience(tick time.Duration) { v.patience.tick = tick }

// Hung is how many operations were given up and are not through.
func (v *Vault) Hung() int64 { return v.patience.hung.Load() }
