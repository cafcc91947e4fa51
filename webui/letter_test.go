package webui

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"ashpost/webui/api"
)

// A letter is a message with all its keys.
type letter struct {
	ref                    api.Reference
	upload, claim          api.Key
	manage, reader         api.Key
	ciphertext             []byte
	reading                api.Reading
	expires                string
	claimHeader, manageHdr string
}

func (r *rig) letter(size int) *letter {
	r.Helper()
	a := r.do("POST", api.PathReservations, nil)
	var got api.Reservation
	if err := json.Unmarshal(a.body, &got); err != nil || a.status != 201 {
		r.Fatalf("reservation: status %d, %v", a.status, err)
	}
	l := &letter{ref: got.Reference, upload: got.UploadKey, claim: api.NewKey(), manage: api.NewKey(),
		reader: api.NewKey(), ciphertext: ageFile(size), reading: api.Once, expires: "3600"}
	l.claimHeader, l.manageHdr = l.claim.Verifier().Encode(), l.manage.Verifier().Encode()
	return l
}

func (l *letter) path(p string) string { return api.MessagePath(p, l.ref) }

// view is the path of a page; an inbox's name stands for any.
func (l *letter) view(p string) string {
	return strings.NewReplacer(":ref", l.ref.Encode(), ":inbox", "desk").Replace(p)
}

func (l *letter) terms() []string {
	return []string{"Authorization", api.Bearer(l.upload), "Content-Type", api.TypeBinary,
		api.HeaderExpiresIn, l.expires, api.HeaderReading, string(l.reading),
		api.HeaderClaim, l.claimHeader, api.HeaderManage, l.manageHdr}
}

// sent is a letter that was put.
func (r *rig) sent(size int) *letter {
	r.Helper()
	l := r.letter(size)
	r.want(201, r.put(l))
	return l
}

func (r *rig) put(l *letter) reply {
	r.Helper()
	return r.do("PUT", l.path(api.PathMessage), l.ciphertext, l.terms()...)
}

func (r *rig) with(k api.Key, method string, l *letter, path string, head ...string) reply {
	r.Helper()
	return r.do(method, l.path(path), nil, append(head, "Authorization", api.Bearer(k))...)
}

func (r *rig) claim(l *letter) reply {
	r.Helper()
	return r.with(l.claim, "POST", l, api.PathClaim, api.HeaderReader, l.reader.Verifier().Encode())
}

func (r *rig) waiting(l *letter) bool {
	r.Helper()
	return bytes.Contains(r.with(l.manage, "GET", l, api.PathState).body, []byte(`"state":"waiting"`))
}

func (r *rig) want(status int, a reply) reply {
	r.Helper()
	if a.status != status {
		r.Fatalf("status %d (%s), want %d", a.status, a.body[:min(len(a.body), 200)], status)
	}
	return a
}

// refused wants the status that belongs to the code, and the code.
func (r *rig) refused(c api.Code, a reply) reply {
	r.Helper()
	r.want(c.Status(), a)
	if got := a.code(r); got != c {
		r.Fatalf("code %s, want %s", got, c)
	}
	return a
}

// ageFile makes size bytes with the header of an age file for a passphrase.
func ageFile(size int) []byte {
	text := base64.RawStdEncoding.EncodeToString
	salt, sum := make([]byte, 16), sha256.Sum256(nil)
	header := "age-encryption.org/v1\n-> scrypt " + text(salt) + " 10\n" + text(sum[:]) + "\n--- " + text(sum[:]) + "\n"
	file := make([]byte, max(size, len(header)+32))
	copy(file, header)
	rand.Read(file[len(header):])
	return file
}
