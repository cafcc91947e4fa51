package seal

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"

	"ashpost/webui/api"
)

// Why a key file does not open. A passphrase that is missing is ErrPassphraseEmpty,
// a wrong one ErrWrongPassphrase.
var (
	ErrKeyFile        = errors.New("this is not a key file, or it is damaged")
	ErrKeyFileWork    = errors.New("the key file asks for more work than is accepted, or for less")
	ErrKeyFileContent = errors.New("the key file must hold one key, of the kind AGE-SECRET-KEY-PQ-1…")
)

const (
	maxKeyFile    = 64 << 10
	keyFileFactor = 10 // for generated passphrases; see FORMAT.md, "Keys"
	maxKeyFactor  = 18 // what the age tool takes when a person protects a key
	ageIntro      = "age-encryption.org/"
)

// WriteKeyFile makes the file that keeps an identity: armored, protected by a
// passphrase as NewPassphrase makes it of KeyFileWords words. Address is that of
// the inbox, empty when it is not known.
func WriteKeyFile(id Identity, address, passphrase string) ([]byte, error) {
	passphrase = strings.TrimSpace(passphrase)
	if passphrase == "" {
		return nil, ErrPassphraseEmpty
	}
	content, err := keyFileContent(id, address)
	if err != nil {
		return nil, err
	}
	defer clear(content)
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	to.SetWorkFactor(keyFileFactor)
	var file bytes.Buffer
	armored := armor.NewWriter(&file)
	w, err := age.Encrypt(armored, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := errors.Join(w.Close(), armored.Close()); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

func keyFileContent(id Identity, address string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# Ashpost key file. Keep it secret.\n")
	if address != "" {
		a, err := ParseInboxAddress(address)
		if err != nil {
			return nil, err
		}
		b.WriteString("# inbox: " + a.String() + "\n")
	}
	b.WriteString("# public key: " + id.Recipient() + "\n")
	b.WriteString(identityLine(id.Seed()) + "\n")
	return b.Bytes(), nil
}

// KeyFileProtected says whether a key file needs a passphrase.
func KeyFileProtected(file []byte) (bool, error) {
	binary, protected, err := keyFileForm(file)
	if err == nil && protected {
		err = checkKeyFileHeader(binary)
	}
	return protected && err == nil, err
}

// ReadKeyFile opens a key file, armored or not. The passphrase of one that is not
// protected is not looked at; white space around one is no part of it.
func ReadKeyFile(file []byte, passphrase string) (Identity, error) {
	content, protected, err := keyFileForm(file)
	if err != nil {
		return Identity{}, err
	}
	if protected {
		if content, err = openKeyFile(content, passphrase); err != nil {
			return Identity{}, err
		}
		defer clear(content)
	}
	return oneIdentity(content)
}

// keyFileForm takes the armor off.
func keyFileForm(file []byte) (content []byte, protected bool, err error) {
	if len(file) > maxKeyFile {
		return nil, false, ErrKeyFile
	}
	trimmed := bytes.TrimLeft(file, " \t\r\n")
	if bytes.HasPrefix(trimmed, []byte(armor.Header)) {
		if file, err = io.ReadAll(armor.NewReader(bytes.NewReader(trimmed))); err != nil {
			return nil, false, ErrKeyFile
		}
		return file, true, nil
	}
	return file, bytes.HasPrefix(file, []byte(ageIntro)), nil
}

func openKeyFile(file []byte, passphrase string) ([]byte, error) {
	if err := checkKeyFileHeader(file); err != nil {
		return nil, err
	}
	by, err := age.NewScryptIdentity(strings.TrimSpace(passphrase))
	if err != nil {
		return nil, ErrPassphraseEmpty
	}
	by.SetMaxWorkFactor(maxKeyFactor)
	content, err := disclose(file, by)
	if errors.Is(err, ErrNoIdentity) {
		return nil, ErrWrongPassphrase
	}
	if err != nil {
		return nil, ErrKeyFile
	}
	return content, nil
}

// checkKeyFileHeader holds the limits before any work with keys.
func checkKeyFileHeader(file []byte) error {
	h, err := api.ParseHeader(file)
	if err != nil || len(h.Stanzas) != 1 || h.Stanzas[0].Type != "scrypt" || len(h.Stanzas[0].Args) != 2 {
		return ErrKeyFile
	}
	written := h.Stanzas[0].Args[1]
	factor, err := strconv.Atoi(written)
	if err != nil || factor < keyFileFactor || factor > maxKeyFactor || strconv.Itoa(factor) != written {
		return ErrKeyFileWork
	}
	return nil
}

// oneIdentity reads the content of a key file.
func oneIdentity(content []byte) (id Identity, err error) {
	found := 0
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		found++
		if id, err = ParseIdentity(line); err != nil {
			return Identity{}, ErrKeyFileContent
		}
	}
	if found != 1 {
		return Identity{}, ErrKeyFileContent
	}
	return id, nil
}
