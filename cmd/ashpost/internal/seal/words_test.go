package seal

import (
	"slices"
	"strings"
	"testing"

	"github.com/tyler-smith/go-bip39"
	"pgregory.net/rapid"
)

// TestFingerprint: what was printed on paper once holds for ever.
func TestFingerprint(t *testing.T) {
	const one = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"
	words := func(host string) string { return Fingerprint("onion", []byte(host)) }
	if got := words(one); got != "unflavored buddhist hypnotist rampantly fictitious length flashlight nanosecond judiciary kerosene" {
		t.Errorf("the words are now %q", got)
	}
	if words(one) == words("duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion") {
		t.Error("two addresses have the same words")
	}
	list := strings.Fields(wordList)
	if n := len(list); n != 6*6*6*6 || len(slices.Compact(slices.Sorted(slices.Values(list)))) != n {
		t.Errorf("the list has %d words, or some twice", n)
	}
}

func TestNewPassphrase(t *testing.T) {
	a, b := NewPassphrase(KeyFileWords), NewPassphrase(KeyFileWords)
	if a == b || strings.Count(a, "-") < KeyFileWords-1 { // a word of the list has a hyphen
		t.Error("not random, or too short")
	}
}

// Words and entropy are those of every other program that knows BIP 39.
func TestMnemonicIsBIP39(t *testing.T) {
	list := strings.Fields(bip39List)
	if !slices.Equal(list, bip39.GetWordList()) || !slices.IsSorted(list) {
		t.Fatal("the list is not that of BIP 39")
	}
	rapid.Check(t, func(t *rapid.T) {
		entropy := [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "entropy"))
		want, err := bip39.NewMnemonic(entropy[:])
		if err != nil {
			t.Fatal(err)
		}
		if got := Codename(entropy).Words(); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	})
}
