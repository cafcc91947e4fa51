package vault

import (
	"crypto/sha256"
	"errors"
	"slices"
	"time"
)

// mostNotebooks is how many of its owners keep one in an inbox: all of them.
const mostNotebooks = 10

// Edition names a notebook as somebody read it: the SHA-256 of its file. The zero
// value names none.
type Edition [32]byte

// errThere says that a notebook is what it was to become: the answer to the write
// was lost.
var errThere = errors.New("there already")

// A rewrite is one replacement of an owner's notebook.
type rewrite struct {
	id        InboxID
	owner     [32]byte
	old, next Edition
}

// PutNotebook replaces the edition old of an owner's notebook in an inbox by at
// most [PartSize] bytes of ciphertext, and answers [ErrReplaced] when another one,
// or none, is there: nothing is replaced that its owner has not seen. owner is the
// hash of the owner's public key. When it returns, the new one exists durably and
// the old one was erased, synced and read back. A crash leaves one of them. The
// identical call may be repeated. It prolongs an inbox of [KindReply].
func (v *Vault) PutNotebook(id InboxID, owner [32]byte, old Edition, file []byte) error {
	leave, _, err := v.enter()
	if err != nil {
		return err
	}
	defer leave()
	if err := v.checkPart(0, len(file)); err != nil {
		return err
	}
	w := rewrite{id, owner, old, sha256.Sum256(file)}
	kind, err := v.mayReplace(w) // a refusal must not cost a write
	if err == nil && v.filled() >= kind.fullAt() {
		err = ErrFull
	}
	if err == nil {
		err = v.keepContent(nil, file, kind == kindReply, func(ref Reference, s *slot) error {
			return v.replaceNotebook(w, ref, s)
		})
	}
	if errors.Is(err, errThere) {
		return nil
	}
	return err
}

func (v *Vault) mayReplace(w rewrite) (slotKind, error) {
	defer v.table.lock(w.id.tag())()
	var p present
	defer p.clear()
	_, err := v.compare(w, &p)
	return p.box.kind, err
}

func (v *Vault) replaceNotebook(w rewrite, ref Reference, s *slot) error {
	defer v.table.lock(w.id.tag())()
	var p present
	defer p.clear()
	now, err := v.compare(w, &p) // storing the chunks may have taken long
	if err != nil {
		return err
	}
	if p.box.kind == kindReply {
		if err := v.prolong(p.home, &p.box, now.Add(replyLife)); err != nil {
			return err
		}
	}
	s.kind, s.tag, s.owner = kindNotebook, ref.tag(), ownerMark(&p.box.key, w.owner)
	if err := v.hang(s, p.home, &p.box, childKey(&p.box.key, w.id), ref); err != nil {
		return err
	}
	return v.eraseSlots(p.slots, p.were)
}

// present is an inbox with the notebooks of one owner, the newest first.
type present struct {
	home  uint32
	box   slot
	slots []uint32
	were  []slot
}

func (p *present) clear() {
	clear(p.box.key[:])
	for i := range p.were {
		clear(p.were[i].key[:])
	}
}

// compare finds what w replaces, and refuses when that is another edition. The
// caller holds the inbox's stripe.
func (v *Vault) compare(w rewrite, p *present) (now time.Time, err error) {
	if now, err = v.open(); err != nil {
		return now, err
	}
	var ok bool
	if p.home, p.box, ok = v.table.inbox(w.id, now); !ok {
		return now, v.gone()
	}
	others := v.table.notebooks(p, w.owner)
	if err := v.readable(); err != nil {
		return now, err // there may be one that could not be read
	}
	if others >= mostNotebooks {
		return now, ErrFull
	}
	there, err := v.edition(w.id, p)
	switch {
	case err != nil:
		return now, err
	case there == w.next:
		err = errThere
	case there != w.old:
		err = ErrReplaced
	}
	return now, err
}

// Lost is what a notebook reads as whose chunks Badger lost. It opens for nobody:
// its owner is told that theirs is damaged, and can begin a new one. To be told that
// there is none would hide that known conversations are known no more.
var Lost = []byte("lost")

// edition reads which notebook is there.
func (v *Vault) edition(id InboxID, p *present) (e Edition, err error) {
	ref, s, ok := p.newest(id)
	if !ok {
		return e, nil
	}
	defer clear(s.key[:])
	chunks, h := newSealer(&s.key, ref[:]), sha256.New()
	for n := range chunkCount(s.size) {
		data, err := v.chunk(chunks, n, nil)
		if errors.Is(err, ErrGone) {
			return sha256.Sum256(Lost), v.readable()
		}
		if err != nil {
			return e, err
		}
		h.Write(data)
	}
	return Edition(h.Sum(nil)), nil
}

// newest is the notebook that counts.
func (p *present) newest(id InboxID) (ref Reference, s slot, ok bool) {
	if len(p.were) == 0 {
		return ref, s, false
	}
	key := childKey(&p.box.key, id)
	defer clear(key)
	s = p.were[0]
	ref, ok = s.reference(key)
	return ref, s, ok
}

// Notebook opens an owner's notebook for reading; it may be [Lost]. [ErrGone] means
// that there is none, or none any more.
func (v *Vault) Notebook(id InboxID, owner [32]byte) (*Content, error) {
	leave, now, err := v.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	defer v.table.lock(id.tag())() // one that is being replaced must not look like none
	var p present
	defer p.clear()
	var ok bool
	if p.home, p.box, ok = v.table.inbox(id, now); !ok {
		return nil, v.gone()
	}
	v.table.notebooks(&p, owner)
	ref, s, ok := p.newest(id)
	defer clear(s.key[:])
	if !ok {
		return nil, v.gone()
	}
	c := v.contentOf(id, ref, &s)
	e, err := v.edition(id, &p)
	if e == sha256.Sum256(Lost) {
		c.size, c.last, c.lastN = int64(len(Lost)), Lost, 0
	}
	return c, err
}

// notebooks reads the notebooks of an owner of the inbox in p, of which there are
// two while one is replaced, and counts those of others.
func (t *table) notebooks(p *present, owner [32]byte) (others int) {
	of := ownerMark(&p.box.key, owner)
	for _, i := range t.others(p.home) {
		s, ok, _ := t.read(i)
		switch {
		case ok && s.kind == kindNotebook && s.owner == of:
			at := 0
			if len(p.were) > 0 && p.were[0].serial > s.serial {
				at = len(p.were)
			}
			p.slots, p.were = slices.Insert(p.slots, at, i), slices.Insert(p.were, at, s)
		case ok && s.kind == kindNotebook:
			others++
		}
	}
	return others
}
