package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

func TestStanding(t *testing.T) {
	own, other := seal.NewIdentity(), seal.NewIdentity()
	theirs := seal.Recipients{other.Recipient()}
	from := theirs.ID()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	good, bad := [32]byte{1}, [32]byte{2}
	mine := seal.ReplyKey(own, from)
	knows := func(key *[32]byte) *notes {
		n := new(notes)
		n.begin(seal.Conversation{Inbox: from, Recipients: theirs, Key: key, Since: day(now)})
		return n
	}
	asks := func(key [32]byte) seal.Head { return seal.Head{Reply: &seal.Reply{Recipients: theirs, Key: key}} }
	for name, c := range map[string]struct {
		notes  *notes
		head   seal.Head
		proven [32]byte
		want   standing
	}{
		"nobody to answer":            {new(notes), seal.Head{}, good, anonymous},
		"nobody known":                {new(notes), asks(good), good, firstContact},
		"the key that was given":      {knows(&good), asks(good), good, conversing},
		"another key":                 {knows(&good), asks(bad), bad, foreign},
		"we wrote first":              {knows(nil), asks(good), good, foreign},
		"an answer":                   {new(notes), seal.Head{From: &from}, mine, conversing},
		"an answer without proof":     {new(notes), seal.Head{From: &from}, good, foreign},
		"an answer by a known key":    {knows(&good), seal.Head{From: &from}, good, foreign},
		"an answer of an inbox known": {knows(nil), seal.Head{From: &from}, mine, conversing},
	} {
		got, who := c.notes.judge(own, c.head, func(key [32]byte) bool { return key == c.proven })
		if got != c.want || (who == nil) != (c.want == anonymous) || who != nil && *who != from {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestNotes(t *testing.T) {
	day1 := time.Date(2026, 3, 4, 23, 59, 0, 0, time.UTC)
	n := new(notes)
	if n.visit(day1); len(n.changes) != 1 || n.Seen != "2026-03-04" || n.lastUse(day1) != "" {
		t.Errorf("first visit: %+v", n)
	}
	n.kept(api.Edition{})
	if n.visit(day1); n.changes != nil {
		t.Error("a second visit on the same day is written down")
	}
	day2 := day1.Add(time.Hour)
	if last := n.lastUse(day2); last != "2026-03-04" {
		t.Errorf("the last use was %s", last)
	}
	if n.visit(day2); n.changes == nil || n.Before != "2026-03-04" || n.lastUse(day2) != "2026-03-04" {
		t.Errorf("next day: %+v", n)
	}
	theirs := seal.Recipients{seal.NewIdentity().Recipient()}
	n.kept(api.Edition{})
	n.learn(&seal.Reply{Recipients: theirs, Key: [32]byte{1}}, day2)
	n.learn(&seal.Reply{Recipients: theirs, Key: [32]byte{2}}, day2)
	known := n.with(theirs.ID())
	if len(n.changes) != 1 || len(n.Conversations) != 1 || *known.Key != [32]byte{1} || known.Since != "2026-03-05" {
		t.Errorf("learned: %+v", n.Conversations)
	}
	if who := n.who(theirs.ID()); who != strings.Join(strings.Fields(theirs.ID().Words())[:3], " ")+" …" {
		t.Error(who)
	}
	known.Name = "a\u202eb"
	if who := n.who(theirs.ID()); who != "a�b" {
		t.Error(who)
	}
}

// TestNotesMadeAnew: what was changed here is changed in what another program wrote
// meanwhile, and that stays. What that did as well is not done twice.
func TestNotesMadeAnew(t *testing.T) {
	now := time.Date(2026, 3, 5, 1, 0, 0, 0, time.UTC)
	one, two, three := seal.Recipients{seal.NewIdentity().Recipient()}, seal.Recipients{seal.NewIdentity().Recipient()}, seal.Recipients{seal.NewIdentity().Recipient()}
	key, other := [32]byte{1}, [32]byte{2}
	at := func(to seal.Recipients, name string, key *[32]byte) seal.Conversation {
		return seal.Conversation{Inbox: to.ID(), Recipients: to, Name: name, Key: key, Since: "2026-03-05"}
	}
	base := seal.Notebook{Seen: "2026-03-04", Conversations: []seal.Conversation{at(one, "", &key)}}
	for name, c := range map[string]struct {
		here  func(n *notes)
		there seal.Notebook
		want  seal.Notebook
		left  int // changes
	}{
		"nothing here": {func(*notes) {}, base, base, 0},
		"both visit": {func(n *notes) { n.visit(now) },
			seal.Notebook{Seen: "2026-03-05", Before: "2026-03-04"}, seal.Notebook{Seen: "2026-03-05", Before: "2026-03-04"}, 0},
		"two conversations": {func(n *notes) { n.learn(&seal.Reply{Recipients: two, Key: key}, now) },
			seal.Notebook{Conversations: []seal.Conversation{at(one, "", &key), at(three, "", &other)}},
			seal.Notebook{Conversations: []seal.Conversation{at(one, "", &key), at(three, "", &other), at(two, "", &key)}}, 1},
		"the same one, another key": {func(n *notes) { n.learn(&seal.Reply{Recipients: two, Key: key}, now) },
			seal.Notebook{Conversations: []seal.Conversation{at(two, "Mina", &other)}},
			seal.Notebook{Conversations: []seal.Conversation{at(two, "Mina", &other)}}, 0},
		"a name and a key": {func(n *notes) { n.call(*n.with(one.ID()), "Mina") },
			seal.Notebook{Conversations: []seal.Conversation{at(one, "", &key), at(two, "Ali", &other)}},
			seal.Notebook{Conversations: []seal.Conversation{at(one, "Mina", &key), at(two, "Ali", &other)}}, 1},
		"two names": {func(n *notes) { n.call(*n.with(one.ID()), "Mina") },
			seal.Notebook{Conversations: []seal.Conversation{at(one, "Minna", &key)}},
			seal.Notebook{Conversations: []seal.Conversation{at(one, "Mina", &key)}}, 1},
		"our write, its answer lost": {func(n *notes) { n.call(*n.with(one.ID()), "Mina") },
			seal.Notebook{Conversations: []seal.Conversation{at(one, "Mina", &key), at(two, "", &other)}},
			seal.Notebook{Conversations: []seal.Conversation{at(one, "Mina", &key), at(two, "", &other)}}, 0},
		"a name, and a new notebook": {func(n *notes) { n.visit(now); n.call(*n.with(one.ID()), "Mina") },
			seal.Notebook{}, seal.Notebook{Seen: "2026-03-05", Conversations: []seal.Conversation{at(one, "Mina", &key)}}, 2},
	} {
		n := new(notes)
		n.take(seal.Notebook{Seen: base.Seen, Conversations: slices.Clone(base.Conversations)}, api.Edition{1}, false)
		c.here(n)
		n.take(c.there, api.Edition{2}, false)
		if !reflect.DeepEqual(n.Notebook, c.want) || len(n.changes) != c.left || n.edition != (api.Edition{2}) {
			t.Errorf("%s: %+v, %d changes", name, n.Notebook, len(n.changes))
		}
	}
}

func TestSelectors(t *testing.T) {
	id := api.Reference{5}
	listed := []api.Listed{{Serial: 9}, {Serial: 7, Message: id}, {Serial: 3}, {Serial: 1}}
	for text, want := range map[string][]uint64{
		"": {9, 7, 3, 1}, "7": {7}, "3-7": {7, 3}, "1-9": {9, 7, 3, 1}, "2-2": {}, "4": {}, id.Encode(): {7},
	} {
		s, err := parseSelector(text)
		got := []uint64{}
		for _, l := range listed {
			if s.takes(l) {
				got = append(got, l.Serial)
			}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q takes %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"0", "-1", "7-", "-", "7-3", "x", "1-2-3", " 7", "9223372036854775808", "18446744073709551616", "1.0", "+1"} {
		if _, err := parseSelector(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	some := func(texts ...string) (all []selector) {
		for _, text := range texts {
			s, err := parseSelector(text)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, s)
		}
		return all
	}
	for _, c := range []struct {
		of             []selector
		newest, oldest uint64
	}{{some("3-7", "9", "1"), 9, 1}, {some("4"), 4, 4}, {some("4", id.Encode()), 0, 0}, {some(""), 0, 0}} {
		if newest, oldest := bounds(c.of); newest != c.newest || oldest != c.oldest {
			t.Errorf("%v: %d to %d", c.of, newest, oldest)
		}
	}
}

func TestLocalNames(t *testing.T) {
	for text, want := range map[string]string{"Mina": "Mina", "  a b ": "a b", "مینا": "مینا", strings.Repeat("ä", 60): strings.Repeat("ä", 60)} {
		if got, err := localName(text); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", " ", "a\nb", "a\x1bb", "a\u202eb", "a\xff", strings.Repeat("a", 61)} {
		if _, err := localName(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestShellQuoting(t *testing.T) {
	for name, want := range map[string]string{
		"inbox.key": "inbox.key", "a/b-c_1.age": "a/b-c_1.age", "my key": "'my key'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "-rf": "-rf", "": "", "a\x1bb": "'a�b'",
	} {
		if got := quoted(name); got != want {
			t.Errorf("%q: %s", name, got)
		}
	}
}
