package vault

import (
	"crypto/sha256"
	"regexp"
)

// aliasName is what an alias may be: never as long as an inbox's address.
var aliasName = regexp.MustCompile(`^[a-z][a-z0-9-]{1,30}$`)

func aliasTag(name string) tag {
	h := sha256.New()
	h.Write([]byte("ashpost/v1/vault/alias"))
	h.Write([]byte(name))
	return tag(h.Sum(nil))
}

// SetAlias gives an inbox a name, which no other then has. It is durable when
// SetAlias returns; a crash while a name moves may leave it to nobody.
func (v *Vault) SetAlias(name string, id InboxID) error {
	leave, now, err := v.enter()
	if err != nil {
		return err
	}
	defer leave()
	if !aliasName.MatchString(name) {
		return &InvalidError{"an alias is 2 to 31 small letters, digits and hyphens, and begins with a letter"}
	}
	v.naming.Lock()
	defer v.naming.Unlock()
	if _, box, ok := v.table.inbox(id, now); !ok {
		return v.gone()
	} else if clear(box.key[:]); v.table.names(name, id) {
		return nil
	}
	if err := v.unname(name); err != nil {
		return err
	}
	return v.name(name, id)
}

func (v *Vault) name(name string, id InboxID) error {
	defer v.table.lock(id.tag())()
	now, err := v.open()
	if err != nil {
		return err
	}
	home, box, ok := v.table.inbox(id, now)
	if !ok {
		return v.gone()
	}
	defer clear(box.key[:])
	s := &slot{state: slotLive, kind: kindAlias, tag: aliasTag(name)}
	var p secret
	copy(p[:len(id)], id[:])
	copy(p[len(id):], name)
	s.seal(aliasKey(&box.key), &p)
	return v.adopt(s, home, &box)
}

// RemoveAlias takes a name away; [ErrGone] means that nothing had it.
func (v *Vault) RemoveAlias(name string) error {
	leave, _, err := v.enter()
	if err != nil {
		return err
	}
	defer leave()
	v.naming.Lock()
	defer v.naming.Unlock()
	if !v.table.exists(aliasTag(name)) {
		return v.gone()
	}
	return v.unname(name)
}

// unname erases the alias, if there is one.
func (v *Vault) unname(name string) error {
	i, _, ok := v.table.find(aliasTag(name))
	if !ok {
		return v.readable()
	}
	still, unlock := v.table.lockSlots([]uint32{i})
	defer unlock()
	s, ok, err := v.table.read(i)
	if err != nil {
		return ErrLocked
	}
	if len(still) == 0 || !ok || s.tag != aliasTag(name) {
		return nil // it went with its inbox
	}
	return v.eraseSlots(still, []slot{s})
}

// Alias says which inbox has the name.
func (v *Vault) Alias(name string) (InboxID, error) {
	leave, now, err := v.enter()
	if err != nil {
		return InboxID{}, err
	}
	defer leave()
	i, _, ok := v.table.find(aliasTag(name))
	if !ok {
		return InboxID{}, v.gone()
	}
	of, id, ok := v.table.alias(i)
	if !ok || of != name {
		return InboxID{}, v.gone()
	}
	if _, box, ok := v.table.inbox(id, now); !ok {
		return InboxID{}, v.gone()
	} else {
		clear(box.key[:])
	}
	return id, nil
}

// Aliases lists all names; none while locked.
func (v *Vault) Aliases() map[string]InboxID {
	leave, _, err := v.enter()
	if err != nil {
		return nil
	}
	defer leave()
	all := make(map[string]InboxID)
	for _, i := range v.table.ofKind(kindAlias) {
		if name, id, ok := v.table.alias(i); ok {
			all[name] = id
		}
	}
	return all
}

// alias opens the alias in slot i.
func (t *table) alias(i uint32) (name string, id InboxID, ok bool) {
	s, ok, _ := t.read(i)
	home, under := t.homeOf(i)
	if !ok || !under || s.kind != kindAlias {
		return "", id, false
	}
	box, ok, _ := t.read(home)
	defer clear(box.key[:])
	if !ok {
		return "", id, false
	}
	p, ok := s.unseal(aliasKey(&box.key))
	if !ok {
		return "", id, false
	}
	end := len(id)
	for end < len(p) && p[end] != 0 {
		end++
	}
	return string(p[len(id):end]), InboxID(p[:len(id)]), true
}

// names reports whether the inbox has the name already.
func (t *table) names(name string, id InboxID) bool {
	i, _, ok := t.find(aliasTag(name))
	if !ok {
		return false
	}
	_, of, ok := t.alias(i)
	return ok && of == id
}

// homeOf is the slot of the inbox on which slot i hangs.
func (t *table) homeOf(i uint32) (uint32, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.known[i].home, t.known[i].kind.child()
}

// ofKind lists the slots of a kind.
func (t *table) ofKind(k slotKind) (slots []uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.known {
		if t.known[i].end != 0 && t.known[i].kind == k {
			slots = append(slots, uint32(i))
		}
	}
	return slots
}
