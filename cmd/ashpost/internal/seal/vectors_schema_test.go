package seal

// vectors is the schema of vectors.json, which FORMAT.md explains.
type vectors struct {
	Format          int               `json:"format"`
	Links           []linkVector      `json:"links"`
	BadLinks        []badLinkVector   `json:"bad_links"`
	ControlLinks    []linkVector      `json:"control_links"`
	BadControlLinks []badLinkVector   `json:"bad_control_links"`
	Keys            []keysVector      `json:"keys"`
	Passphrases     []extraVector     `json:"passphrases"`
	BadPassphrases  []badExtraVector  `json:"bad_passphrases"`
	Padding         []paddingVector   `json:"padding"`
	Names           []namesVector     `json:"names"`
	Containers      []containerVector `json:"containers"`
	BadContainers   []badContainer    `json:"bad_containers"`
	Ciphertexts     []cipherVector    `json:"ciphertexts"`
	BadCiphertexts  []badCipher       `json:"bad_ciphertexts"`
}

type linkVector struct {
	Name       string `json:"name"`
	Link       string `json:"link"`
	Service    string `json:"service"`
	Reference  string `json:"reference"`
	Secret     string `json:"secret"`
	Passphrase bool   `json:"passphrase"`
	Canonical  string `json:"canonical"`
}

type badLinkVector struct {
	Name  string `json:"name"`
	Link  string `json:"link"`
	Error string `json:"error"`
}

type keysVector struct {
	Reference     string `json:"reference"`
	Token         string `json:"token"`
	Derived       string `json:"derived"`
	ClaimKey      string `json:"claim_key"`
	ClaimVerifier string `json:"claim_verifier"`
}

type extraVector struct {
	Name          string `json:"name"`
	Typed         string `json:"typed"`
	Normalized    string `json:"normalized"`
	Derived       string `json:"derived"`
	AgePassphrase string `json:"age_passphrase"`
}

type badExtraVector struct {
	Name  string `json:"name"`
	Typed string `json:"typed"`
	Error string `json:"error"`
}

type paddingVector struct {
	Length int64 `json:"length"`
	Padded int64 `json:"padded"`
}

type namesVector struct {
	Name   string   `json:"name"`
	Given  []string `json:"given"`
	Stored []string `json:"stored"`
}

type fileVector struct {
	Name    string `json:"name"`
	Stored  string `json:"stored"`
	Content string `json:"content"`
}

type containerVector struct {
	Name   string       `json:"name"`
	Text   string       `json:"text"`
	Files  []fileVector `json:"files"`
	Head   string       `json:"head"`
	Length int          `json:"length"`
	SHA256 string       `json:"sha256"`
}

type badContainer struct {
	Name   string `json:"name"`
	Head   string `json:"head"`
	Length int    `json:"length"`
}

type cipherVector struct {
	Name          string       `json:"name"`
	Link          string       `json:"link"`
	Passphrase    string       `json:"passphrase"`
	AgePassphrase string       `json:"age_passphrase"`
	Text          string       `json:"text"`
	Files         []fileVector `json:"files"`
	Ciphertext    string       `json:"ciphertext"`
}

type badCipher struct {
	Name       string `json:"name"`
	Link       string `json:"link"`
	Passphrase string `json:"passphrase"`
	Error      string `json:"error"`
	Ciphertext string `json:"ciphertext"`
}
