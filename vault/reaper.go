package vault

import (
	"context"
	"math"
	"sync"
	"time"
)

const (
	// maintainEvery is the time between two maintenance runs.
	maintainEvery = time.Hour
	// retryEvery is the time after a failed one.
	retryEvery = time.Minute
	// sweepEvery is the least time between two sweeps of what falls due in
	// between.
	sweepEvery = 15 * time.Second
)

// dueTime is the earliest time at which a slot falls due, as far as known.
type dueTime struct {
	mu   sync.Mutex
	unix int64 // 0: unknown
	wake chan struct{}
}

func (d *dueTime) note(unix int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if unix > 0 && unix < d.unix {
		d.unix = unix
		d.rouse()
	}
}

// rouse makes the reaper look at once.
func (d *dueTime) rouse() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// reset begins anew; slots noted from now on lower it.
func (d *dueTime) reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unix = math.MaxInt64
}

// forget makes the next look a whole one.
func (d *dueTime) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unix = 0
}

func (d *dueTime) get() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.unix
}

// Run is the reaper. It maintains at once unless that has just been done, then
// every hour, a minute after something locked, and between the runs sweeps what
// falls due. It returns when ctx ends, but not before a disk that hangs answers.
// Failures are not returned: they lock, and the next run tries again.
func (v *Vault) Run(ctx context.Context) {
	next := v.time.Boot()
	if age, ok := v.latch.age(); ok {
		next += maintainEvery - age
	}
	for ctx.Err() == nil {
		var err error
		if cause, _ := v.latch.state(); cause == CauseFsync {
			err = v.shut()
		} else if v.time.Boot() >= next {
			next = v.time.Boot() + maintainEvery
			if err = v.Maintain(); err == nil {
				v.dueAt.forget() // a sweep that failed may have lost it
			}
		} else {
			err = v.sweepBetween()
		}
		if cause, _ := v.latch.state(); err != nil || cause != "" {
			next = min(next, v.time.Boot()+retryEvery)
		}
		v.sleep(ctx, next)
	}
}

// shut closes the slot file after a failed sync: what the kernel still holds of
// it must not be believed. Badger stays open and is not written to: to close it
// would be to write what it has.
func (v *Vault) shut() error {
	if err := v.takeTurn(); err != nil {
		return err
	}
	defer v.giveTurn()
	t := v.table
	if cause, _ := v.latch.state(); t == nil || v.closed || cause != CauseFsync {
		return nil // the operator was faster
	}
	v.change(func() { v.table, v.storage = nil, "" })
	return v.patience.do(t.close)
}

// sweepBetween erases what has fallen due since the last look.
func (v *Vault) sweepBetween() (err error) {
	if err := v.takeTurn(); err != nil {
		return err
	}
	defer v.giveTurn()
	v.life.RLock()
	defer v.life.RUnlock()
	defer v.recovered(&err)
	now, jumped := v.time.now()
	if v.closed || v.table == nil || jumped || now.Unix() < v.dueAt.get() {
		return nil
	}
	v.dueAt.reset()
	n, err := v.sweep(v.table.due(now), now)
	if err == nil && n > 0 {
		err = v.keepTime(now)
	}
	if err != nil {
		v.blame(err)
		return err
	}
	v.dueAt.note(max(v.table.nextDue(), now.Unix()+1)) // a damaged one waits for maintenance
	return nil
}

// sleep waits for the next maintenance or sweep, whichever comes first. Timers
// stop while the machine sleeps, so it looks at the clock once a minute.
func (v *Vault) sleep(ctx context.Context, next time.Duration) {
	now, _ := v.time.now()
	wait := min(next-v.time.Boot(), time.Minute)
	if due := v.dueAt.get(); due < now.Add(wait).Unix() {
		wait = max(time.Unix(due, 0).Sub(now), sweepEvery)
	}
	select {
	case <-ctx.Done():
	case <-time.After(max(wait, time.Second)):
	case <-v.dueAt.wake:
	}
}
