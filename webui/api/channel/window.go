package channel

// window says which request numbers were accepted: the highest, and which of the
// 63 before it (RFC 4303, section 3.4.3, has the same).
type window struct {
	any     bool
	highest uint64
	seen    uint64 // bit n: highest-n was accepted
}

// accept takes a number once.
func (w *window) accept(n uint64) bool {
	switch {
	case !w.any:
		*w = window{true, n, 1}
	case n > w.highest:
		w.seen = w.seen<<min(n-w.highest, 64) | 1 // a shift by 64 gives 0
		w.highest = n
	case w.highest-n >= 64 || w.seen>>(w.highest-n)&1 == 1:
		return false
	default:
		w.seen |= 1 << (w.highest - n)
	}
	return true
}
