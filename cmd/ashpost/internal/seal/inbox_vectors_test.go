package seal

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"testing/cryptotest"
)

const inboxVectorsFile = "testdata/inbox.json"

// makeInboxVectors makes all vectors from fixed inputs; the same ones every time.
func makeInboxVectors(t *testing.T) inboxVectors {
	cryptotest.SetGlobalRandom(t, 2)
	return inboxVectors{
		Format:     1,
		Identities: identityVectors(), BadIdentities: badIdentities(),
		KeyFiles: keyFileVectors(t), BadKeyFiles: badKeyFiles(t),
		Recipients: recipientsVectors(), BadRecipients: badRecipients(), BadInboxIDs: badInboxIDs(),
		Fingerprints: fingerprintVectors(),
		Addresses:    addressVectors(), BadAddresses: badAddresses(),
		RequestLinks: requestVectors(), BadRequestLinks: badRequestLinks(), BadRequests: badRequests(),
		Codenames: codenameVectors(), BadCodenames: badCodenames(), CodenameKeys: codenameKeyVectors(t),
		ReplyKeys: replyKeyVectors(),
		Letters:   letterVectors(t), BadLetters: badLetters(),
		LetterFiles: letterFileVectors(t), BadLetterFiles: badLetterFiles(t),
		Notebooks: notebookVectors(t), BadNotebooks: badNotebooks(t),
		NotebookFiles: notebookFileVectors(t), BadNotebookFiles: badNotebookFiles(t),
	}
}

func loadInboxVectors(t testing.TB) (v inboxVectors) {
	t.Helper()
	b, err := os.ReadFile(inboxVectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// The checked-in vectors are what the code makes today. Ciphertexts count by
// name only: their bytes change with the versions of Go and age.
func TestInboxVectorsAreCurrent(t *testing.T) {
	made := makeInboxVectors(t)
	if *update {
		if err := os.WriteFile(inboxVectorsFile, encodeJSON(t, made), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have := loadInboxVectors(t)
	if !bytes.Equal(encodeJSON(t, withoutRandom(have)), encodeJSON(t, withoutRandom(made))) {
		t.Error("inbox.json is not what the code makes: a change of format, or run with -update")
	}
}

func withoutRandom(v inboxVectors) inboxVectors {
	v.KeyFiles = slices.Clone(v.KeyFiles)
	for i := range v.KeyFiles {
		v.KeyFiles[i].File = ""
	}
	v.BadKeyFiles = slices.Clone(v.BadKeyFiles)
	for i := range v.BadKeyFiles {
		v.BadKeyFiles[i].File = ""
	}
	v.LetterFiles = slices.Clone(v.LetterFiles)
	for i := range v.LetterFiles {
		v.LetterFiles[i].Ciphertext = ""
	}
	v.BadLetterFiles = slices.Clone(v.BadLetterFiles)
	for i := range v.BadLetterFiles {
		v.BadLetterFiles[i].Ciphertext = ""
	}
	v.NotebookFiles = slices.Clone(v.NotebookFiles)
	for i := range v.NotebookFiles {
		v.NotebookFiles[i].Ciphertext = ""
	}
	v.BadNotebookFiles = slices.Clone(v.BadNotebookFiles)
	for i := range v.BadNotebookFiles {
		v.BadNotebookFiles[i].Ciphertext = ""
	}
	return v
}
