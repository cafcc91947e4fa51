package webui

import (
	"math"
	"time"

	"golang.org/x/time/rate"

	"ashpost/vault"
	"ashpost/webui/api"
)

// A budget is what all circuits may do together: whoever takes a fresh one each
// time meets it. It follows what is free in the vault: after three hours of a
// flood a tenth still is. What is read is free again.
type budget struct {
	share   float64   // of what is free: at once, and again every hour
	creates allowance // however much is free
	replies allowance // mailboxes for replies, likewise
	wrong   allowance // proofs; refuses nobody who had none
}

// The vault drops the idlest of 4096 uploads when more begin: at this rate one
// has ten minutes for its first part.
var everybody = budget{share: 0.5, creates: allowance{burst: 1000, rate: 5}, replies: allowance{burst: 200, rate: 0.5},
	wrong: allowance{burst: 1000, rate: 50}}

type totals struct {
	budget
	creates, replies, bytes, wrong *rate.Limiter
}

func (b budget) full() totals {
	return totals{b, b.creates.full(), b.replies.full(), rate.NewLimiter(0, math.MaxInt), b.wrong.full()}
}

// adjust makes the totals follow what is free of what may be taken: a flood must
// not come to where the vault takes nothing new.
func (t totals) adjust(s vault.Status) {
	bytes := t.share * left(s.Quota, s.Bytes)
	narrow(t.creates, t.budget.creates, t.share*left(int64(s.Slots), int64(s.Used)))
	narrow(t.replies, t.budget.replies, t.share*max(0, float64(s.Slots)*mostReplies-float64(s.Used)))
	t.bytes.SetBurst(int(bytes))
	t.bytes.SetLimit(perHour(bytes))
}

// left is how much may be taken of all. What is left beyond that is for replies, and
// taken as carefully.
func left(all, taken int64) float64 {
	if free := float64(all)*most - float64(taken); free > 0 {
		return free
	}
	return max(0, float64(all)*mostReplies-float64(taken))
}

func narrow(total *rate.Limiter, a allowance, slots float64) {
	total.SetBurst(min(a.burst, int(slots)))
	total.SetLimit(min(a.rate, perHour(slots)))
}

// most is the part of the vault that uploads may take, mostReplies the part that
// mailboxes for replies may.
const (
	most        = vault.FullAt / 100.
	mostReplies = vault.ReplyFullAt / 100.
)

func perHour(n float64) rate.Limit { return rate.Limit(n / time.Hour.Seconds()) }

// fair says whether a circuit may draw n of a total. Who has drawn little goes
// first: the less is left, the less it may have drawn. A circuit that has drawn
// nothing passes as long as there is any. A draw that can never fit passes when
// the total is full: it is the vault that says why it cannot be.
func fair(total, own *rate.Limiter, n int) bool {
	drawn := max(0, 1-own.Tokens()/float64(own.Burst()))
	all := float64(total.Burst())
	return total.Tokens() >= min(all, float64(n)+drawn*all/2)
}

// mayCreate charges a circuit, and all together, for a reservation, or for what
// takes a place of its own.
func (s *Server) mayCreate(k *circuit) error {
	if k == nil {
		return nil
	}
	return s.take(k, s.totals.creates, k.creates, s.pace.creates)
}

// mayAwait charges them for a mailbox for replies.
func (s *Server) mayAwait(k *circuit) error {
	if k == nil {
		return nil
	}
	return s.take(k, s.totals.replies, k.replies, s.pace.replies)
}

// take takes one of a total and of a circuit's own.
func (s *Server) take(k *circuit, total, own *rate.Limiter, a allowance) error {
	s.totals.adjust(s.vault.Status())
	if !fair(total, own, 1) {
		return s.crowded()
	}
	if !own.Allow() {
		return s.over(k, a)
	}
	total.Allow()
	return nil
}

// mayBring charges a circuit for a body that is announced.
func (s *Server) mayBring(k *circuit, n int) error {
	if k == nil {
		return nil
	}
	if err := s.mayTake(k); err != nil {
		return err
	}
	s.totals.adjust(s.vault.Status())
	if !fair(s.totals.bytes, k.bytes, n) {
		return s.crowded()
	}
	if !k.bytes.AllowN(time.Now(), n) {
		return s.over(k, s.pace.bytes)
	}
	return nil
}

// mayTake refuses circuits whose transfers were too slow too often.
func (s *Server) mayTake(k *circuit) error {
	if k != nil && k.slow.Tokens() < 1 {
		return s.over(k, s.pace.slow)
	}
	return nil
}

// brought charges all together for a body that has come: announcing costs
// nothing, so it must not use up what others need. Bodies that came side by
// side may take it below zero.
func (s *Server) brought(k *circuit, n int) {
	if k != nil {
		s.totals.bytes.ReserveN(time.Now(), min(n, s.totals.bytes.Burst()))
	}
}

// mayProve refuses circuits that proved too much that is not so. Right and
// wrong are not told apart here, but a circuit without a wrong proof always
// passes: no flood keeps a reader from a message.
func (s *Server) mayProve(k *circuit) error {
	if k == nil {
		return nil
	}
	switch own := k.wrong.Tokens(); {
	case own >= float64(s.pace.wrong.burst):
		return nil
	case own < 1:
		return s.over(k, s.pace.wrong)
	case !fair(s.totals.wrong, k.wrong, 0):
		return s.crowded()
	}
	return nil
}

func (s *Server) provedWrong(k *circuit) {
	s.wrong.Add(1)
	if k != nil {
		k.wrong.Allow()
		s.totals.wrong.Allow()
	}
}

// lagged counts a transfer that was ended for being too slow. Giving way to
// others is nobody's fault.
func (s *Server) lagged(l *loan) {
	s.slow.Add(1)
	if l.circuit != nil && !l.lost.Load() {
		l.circuit.slow.Allow()
	}
}

// crowded refuses what is over a total: not this circuit's fault.
func (s *Server) crowded() *api.Error {
	s.full.Add(1)
	return api.Refuse(api.CodeBusy)
}
