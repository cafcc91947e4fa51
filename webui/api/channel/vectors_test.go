package channel

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"filippo.io/age"
)

// Run with -update to write new vectors. The pages' tests read the same file.
var update = flag.Bool("update", false, "write testdata/vectors.json anew")

const vectorFile = "testdata/vectors.json"

// vectors are of one channel. Bytes are in hexadecimal, texts as they are.
type vectors struct {
	Identity   string   `json:"identity"`
	Recipient  string   `json:"recipient"`
	Address    string   `json:"address"`
	K1         string   `json:"k1"`
	Opening    string   `json:"opening"`
	ID         string   `json:"id"`
	ClientKey  string   `json:"client_key"`
	ServiceKey string   `json:"service_key"`
	Records    []sealed `json:"records"`
	Answers    []sealed `json:"answers"`
	// What must be refused. The text is empty.
	BadRecords []sealed `json:"bad_records"`
	BadAnswers []sealed `json:"bad_answers"`

	Session sessionVectors `json:"session"`
}

// sealed is a text and its frames, with what stands before them in a record.
type sealed struct {
	Name   string `json:"name"`
	Number uint64 `json:"number"`
	First  bool   `json:"first,omitempty"` // of kind 1
	Text   string `json:"text"`
	More   int    `json:"more,omitempty"`   // times that the text's last byte follows it
	Sealed string `json:"sealed,omitempty"` // or, of what is long, its SHA-256:
	Hash   string `json:"hash,omitempty"`
	When   string `json:"when,omitempty"`
}

func (s sealed) whole() string {
	if s.More == 0 {
		return s.Text
	}
	return s.Text + strings.Repeat(s.Text[len(s.Text)-1:], s.More)
}

// is says whether these are the bytes of s.
func (s sealed) is(bytes []byte) bool {
	if s.Hash != "" {
		sum := sha256.Sum256(bytes)
		return hex.EncodeToString(sum[:]) == s.Hash
	}
	return hex.EncodeToString(bytes) == s.Sealed
}

func (s *sealed) keep(bytes []byte) {
	if len(bytes) > 8<<10 {
		sum := sha256.Sum256(bytes)
		s.Hash = hex.EncodeToString(sum[:])
		return
	}
	s.Sealed = hex.EncodeToString(bytes)
}

var texts = []sealed{
	{Name: "no headers and no body", First: true, Text: "POST /api/v1/reservations\n\n"},
	{Name: "headers", Number: 1, Text: "GET /api/v1/messages/x/content\nAuthorization: Bearer k\nRange: bytes=5-\n\n"},
	{Name: "a body", Number: 2, Text: "PUT /api/v1/messages/x\nContent-Type: application/octet-stream\n\nb", More: 999},
	{Name: "exactly one frame", Number: 3, Text: "PUT /api/v1/x\n\nc", More: frameSize - 16},
	{Name: "a byte in a second frame", Number: 1<<32 + 5, Text: "PUT /api/v1/x\n\nd", More: frameSize - 15},
}

var answerTexts = []sealed{
	{Name: "nothing", Number: 7, Text: "204\n\n"},
	{Name: "JSON", Number: 8, Text: "200\nContent-Type: application/json\nContent-Length: 2\n\n{}"},
	{Name: "two frames", Number: 1<<32 + 9, Text: "200\nContent-Type: application/octet-stream\nContent-Length: 70000\n\ne", More: 69999},
}

func TestVectors(t *testing.T) {
	if *update {
		write(t)
	}
	var v vectors
	text, err := os.ReadFile(vectorFile)
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	identity, err := age.ParseHybridIdentity(v.Identity)
	if err != nil || identity.Recipient().String() != v.Recipient {
		t.Fatalf("the recipient is another: %v", err)
	}
	k1, err := unseal(identity, raw(t, v.Opening))
	if err != nil || hex.EncodeToString(k1) != v.K1 {
		t.Fatalf("the opening: %v", err)
	}
	keys, err := derive(k1, v.Address, v.Recipient, raw(t, v.Opening))
	if err != nil || hex.EncodeToString(keys.id[:]) != v.ID {
		t.Fatalf("the keys: %v", err)
	}
	if c, s := rawKeys(t, &v); c != v.ClientKey || s != v.ServiceKey {
		t.Error("the keys differ")
	}
	service := func() *Service {
		s, err := NewService()
		if err != nil {
			t.Fatal(err)
		}
		s.current.identity, s.current.recipient = identity, v.Recipient
		return s
	}
	checkRecords(t, &v, service, keys)
	checkAnswers(t, &v, keys)
	v.Session.check(t, &v, keys, service)
}

func checkRecords(t *testing.T, v *vectors, service func() *Service, keys shared) {
	s := service()
	for _, r := range v.Records {
		c := &outgoing{shared: keys, opening: raw(t, v.Opening), next: r.Number, answered: !r.First}
		record, _ := c.record([]byte(r.whole()))
		if !r.is(record) {
			t.Errorf("%s is sealed otherwise", r.Name)
		}
		q, err := s.Open(v.Address, record)
		if err != nil || !strings.HasPrefix(r.Text, q.Method+" "+q.Path+"\n") || !strings.HasSuffix(r.whole(), "\n\n"+string(q.Body)) {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
	for _, r := range v.BadRecords {
		if _, err := service().Open(v.Address, raw(t, r.Sealed)); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
}

func checkAnswers(t *testing.T, v *vectors, keys shared) {
	for _, a := range v.Answers {
		answer := frames(t, keys, a.Number, a.whole())
		if !a.is(answer) {
			t.Errorf("%s is sealed otherwise", a.Name)
		}
		got, err := io.ReadAll(newFrameReader(bytes.NewReader(answer), -1, keys.service, keys.id, a.Number))
		if err != nil || string(got) != a.whole() {
			t.Errorf("%s: %v", a.Name, err)
		}
	}
	for _, a := range v.BadAnswers {
		if _, err := io.ReadAll(newFrameReader(bytes.NewReader(raw(t, a.Sealed)), -1, keys.service, keys.id, a.Number)); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", a.Name, err)
		}
	}
}

// frames seals an answer.
func frames(t *testing.T, keys shared, number uint64, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := &frameWriter{to: &b, key: keys.service, id: keys.id, number: number}
	w.Write([]byte(text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func raw(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// rawKeys derives the keys from the specification's words, beside derive.
func rawKeys(t *testing.T, v *vectors) (client, service string) {
	t.Helper()
	length := func(s string) []byte { return append([]byte{byte(len(s) >> 8), byte(len(s))}, s...) }
	transcript := bytes.Join([][]byte{length(v.Address), length(v.Recipient), raw(t, v.Opening)}, nil)
	salt := sha256.Sum256(transcript)
	expand := func(info string) string {
		key, err := hkdf.Key(sha256.New, raw(t, v.K1), salt[:], info, 32)
		if err != nil {
			t.Fatal(err)
		}
		return hex.EncodeToString(key)
	}
	return expand("ashpost/v1/channel/client"), expand("ashpost/v1/channel/service")
}

// write makes a new channel and everything in it.
func write(t *testing.T) {
	t.Helper()
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	k1 := random32()
	v := vectors{Identity: identity.String(), Recipient: identity.Recipient().String(), Address: host, K1: hex.EncodeToString(k1)}
	opening, err := seal(v.Recipient, []byte(label), k1)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := derive(k1, host, v.Recipient, opening)
	if err != nil {
		t.Fatal(err)
	}
	v.Opening, v.ID = hex.EncodeToString(opening), hex.EncodeToString(keys.id[:])
	v.ClientKey, v.ServiceKey = rawKeys(t, &v)
	for _, c := range texts {
		out := &outgoing{shared: keys, opening: opening, next: c.Number, answered: !c.First}
		record, _ := out.record([]byte(c.whole()))
		c.keep(record)
		v.Records = append(v.Records, c)
	}
	for _, c := range answerTexts {
		c.keep(frames(t, keys, c.Number, c.whole()))
		v.Answers = append(v.Answers, c)
	}
	v.BadRecords, v.BadAnswers = badRecords(t, v.Records[0].Sealed, keys, opening), badAnswers(t, v.Answers[1])
	v.Session = writeSession(t, keys, opening)
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectorFile, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func badRecords(t *testing.T, first string, keys shared, opening []byte) (bad []sealed) {
	good := raw(t, first)
	flip := func(at int) []byte { b := bytes.Clone(good); b[at] ^= 1; return b }
	add := func(name string, record []byte) {
		bad = append(bad, sealed{Name: name, First: true, Sealed: hex.EncodeToString(record)})
	}
	text := func(name, text string) {
		out := &outgoing{shared: keys, opening: opening}
		record, _ := out.record([]byte(text))
		add(name, record)
	}
	add("another version", flip(0))
	add("another kind", flip(1))
	add("another id", flip(2))
	add("another number", flip(25))
	add("a changed opening", flip(recordHead+1600))
	add("a changed frame", flip(len(good)-1))
	add("a cut frame", good[:len(good)-1])
	add("no frame", good[:recordHead+openingSize])
	add("nothing", nil)
	text("a header that may not pass", "GET /api/v1/x\nHost: y\n\n")
	text("a header twice", "GET /api/v1/x\nRange: a\nRange: b\n\n")
	text("a page", "GET /how\n\n")
	text("the channel in itself", "POST /api/v1/channel\n\n")
	text("no empty line", "GET /api/v1/x\n")
	return bad
}

func badAnswers(t *testing.T, of sealed) (bad []sealed) {
	good := raw(t, of.Sealed)
	flip := func(at int) []byte { b := bytes.Clone(good); b[at] ^= 1; return b }
	add := func(name string, number uint64, answer []byte) {
		bad = append(bad, sealed{Name: name, Number: number, Sealed: hex.EncodeToString(answer)})
	}
	add("another number", of.Number+1, good)
	add("a changed byte", of.Number, flip(10))
	add("a changed last byte", of.Number, flip(len(good)-1))
	add("cut", of.Number, good[:len(good)-1])
	add("more behind it", of.Number, append(bytes.Clone(good), 0))
	add("nothing", of.Number, nil)
	add("a tag alone", of.Number, good[:overhead])
	return bad
}
