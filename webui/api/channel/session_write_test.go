package channel

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"filippo.io/age"
)

// writeSession makes a session and everything in it.
func writeSession(t *testing.T, channel shared, opening []byte) (v sessionVectors) {
	t.Helper()
	owner := newIdentity(t)
	v.Identity, v.Recipient = owner.String(), owner.Recipient().String()
	v.Transcript, v.Export = hex.EncodeToString(channel.transcript), hex.EncodeToString(channel.export)
	challenge, keys, err := channel.challenge(v.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	text := decrypt(t, v.Identity, challenge)
	v.Challenge, v.K2, v.Bound = hex.EncodeToString(challenge), hex.EncodeToString(text[18:50]), hex.EncodeToString(text[50:])
	v.ID = hex.EncodeToString(keys.id[:])
	v.ClientKey, v.ServiceKey = v.rawKeys(t)
	for _, c := range sessionTexts {
		c.keep(recorded(t, keys, c.Number, c.whole()))
		v.Records = append(v.Records, c)
	}
	for _, c := range sessionAnswers {
		c.keep(frames(t, keys, c.Number, c.whole()))
		v.Answers = append(v.Answers, c)
	}
	v.BadRecords = badSessionRecords(t, &v, channel, keys, opening)
	under := channel
	under.id = keys.id
	v.BadAnswers = []sealed{{Name: "under the channel's keys", Number: 3, Sealed: hex.EncodeToString(frames(t, under, 3, sessionAnswers[0].Text))}}
	v.BadChallenges = badChallenges(t, &v, owner, channel)
	v.BadRecipients = badRecipients(t, v.Recipient)
	return v
}

func newIdentity(t testing.TB) *age.HybridIdentity {
	t.Helper()
	i, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// recorded is a record without an opening.
func recorded(t testing.TB, keys shared, number uint64, text string) []byte {
	t.Helper()
	c := &outgoing{shared: keys, next: number, answered: true}
	record, _ := c.record([]byte(text))
	return record
}

func badSessionRecords(t *testing.T, v *sessionVectors, channel, keys shared, opening []byte) (bad []sealed) {
	good := raw(t, v.Records[0].Sealed)
	add := func(name, when string, record []byte) {
		bad = append(bad, sealed{Name: name, When: when, Sealed: hex.EncodeToString(record)})
	}
	text := v.Records[0].Text
	outer := channel
	outer.id = keys.id
	add("under the channel's keys", "", recorded(t, outer, 0, text))
	swapped, err := channel.session(random32(), v.Recipient, raw(t, v.Challenge))
	if err != nil {
		t.Fatal(err)
	}
	add("under another k2", "", recorded(t, swapped, 0, text))
	inner := keys
	inner.id = channel.id
	add("a session's keys on its channel", "", recorded(t, inner, 0, text))
	first := bytes.Clone(good)
	first[1] = 1
	add("of kind 1", "", first)
	add("with the channel's opening", "", append(append(first[:recordHead:recordHead], opening...), good[recordHead:]...))
	add("a number used before", twice, good)
	add("an answer that comes too late", late, good)
	return bad
}

func badChallenges(t *testing.T, v *sessionVectors, owner *age.HybridIdentity, channel shared) (bad []badChallenge) {
	add := func(name string, file []byte) {
		bad = append(bad, badChallenge{name, hex.EncodeToString(file)})
	}
	k2 := raw(t, v.K2)
	to := owner.Recipient()
	challenge := func(label string, k2, bound []byte, to ...age.Recipient) []byte {
		return encrypted(t, append(append([]byte(label), k2...), bound...), to...)
	}
	other, err := derive(k2, "another.onion", v.Recipient, raw(t, v.Challenge))
	if err != nil {
		t.Fatal(err)
	}
	stranger := newIdentity(t).Recipient()
	add("a challenge for another channel", challenge(sessionLabel, k2, other.bound(v.Recipient), to))
	add("a challenge for another recipient", challenge(sessionLabel, k2, channel.bound(stranger.String()), to))
	add("a challenge with another label", challenge(label, k2, channel.bound(v.Recipient), to))
	add("a challenge to somebody else", challenge(sessionLabel, k2, channel.bound(v.Recipient), stranger))
	changed := raw(t, v.Challenge)
	changed[challengeSize-1] ^= 1
	add("a challenge that was changed", changed)
	add("a byte too short", challenge(sessionLabel, k2[1:], channel.bound(v.Recipient), to))
	add("a byte too long", challenge(sessionLabel, append(k2, 0), channel.bound(v.Recipient), to))
	add("two stanzas", challenge(sessionLabel, k2, channel.bound(v.Recipient), to, stranger))
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	pad := challengeSize - len(encrypted(t, nil, classic.Recipient()))
	add("an X25519 stanza", encrypted(t, make([]byte, pad), classic.Recipient()))
	add("more behind it", append(raw(t, v.Challenge), 0))
	add("nothing", nil)
	return bad
}

func encrypted(t *testing.T, text []byte, to ...age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func badRecipients(t *testing.T, good string) []badRecipient {
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	letter := map[byte]string{'q': "p"}[good[1000]]
	if letter == "" {
		letter = "q"
	}
	return []badRecipient{
		{"nothing", ""},
		{"an X25519 recipient", classic.Recipient().String()},
		{"in upper case", strings.ToUpper(good)},
		{"a line", good + "\n"},
		{"a space before it", " " + good},
		{"cut", good[:len(good)-1]},
		{"a changed letter", good[:1000] + letter + good[1001:]},
		{"an identity", newIdentity(t).String()},
		{"long", strings.Repeat(good, 10)},
	}
}
