package seal

import (
	"bytes"
	"io"
	"testing"
)

func benchMessage(size int) Message {
	return Message{Files: []File{fileOf("big", make([]byte, size))}}
}

func BenchmarkSeal(b *testing.B) {
	k, m := Link{}.Keys(), benchMessage(32<<20)
	b.SetBytes(SealedSize(m))
	for b.Loop() {
		if err := Seal(io.Discard, k, "", m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	k := Link{}.Keys()
	c := sealed(b, k, "", benchMessage(32<<20))
	b.SetBytes(int64(len(c)))
	for b.Loop() {
		r, err := Open(bytes.NewReader(c), k, "")
		if err == nil {
			err = r.Verify()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenSmallWithPassphrase(b *testing.B) {
	k := Link{Passphrase: true}.Keys()
	c := sealed(b, k, "words", Message{Text: "x"})
	for b.Loop() {
		if _, err := Open(bytes.NewReader(c), k, "words"); err != nil {
			b.Fatal(err)
		}
	}
}
