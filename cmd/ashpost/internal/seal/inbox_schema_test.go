package seal

// inboxVectors is the schema of inbox.json, which INBOX.md explains.
type inboxVectors struct {
	Format           int                   `json:"format"`
	Identities       []identityVector      `json:"identities"`
	BadIdentities    []textVector          `json:"bad_identities"`
	KeyFiles         []keyFileVector       `json:"key_files"`
	BadKeyFiles      []badKeyFileVector    `json:"bad_key_files"`
	Recipients       []recipientsVector    `json:"recipients"`
	BadRecipients    []textVector          `json:"bad_recipients"`
	BadInboxIDs      []textVector          `json:"bad_inbox_ids"`
	Fingerprints     []fingerprintVector   `json:"fingerprints"`
	Addresses        []addressVector       `json:"addresses"`
	BadAddresses     []badTextVector       `json:"bad_addresses"`
	RequestLinks     []requestVector       `json:"request_links"`
	BadRequestLinks  []badTextVector       `json:"bad_request_links"`
	BadRequests      []textVector          `json:"bad_requests"`
	Codenames        []codenameVector      `json:"codenames"`
	BadCodenames     []badCodenameVector   `json:"bad_codenames"`
	CodenameKeys     []codenameKeyVector   `json:"codename_keys"`
	ReplyKeys        []replyKeyVector      `json:"reply_keys"`
	Letters          []letterVector        `json:"letters"`
	BadLetters       []badLetterVector     `json:"bad_letters"`
	LetterFiles      []letterFileVector    `json:"letter_files"`
	BadLetterFiles   []badLetterFileVector `json:"bad_letter_files"`
	Notebooks        []notebookVector      `json:"notebooks"`
	BadNotebooks     []badNotebookVector   `json:"bad_notebooks"`
	NotebookFiles    []notebookFileVector  `json:"notebook_files"`
	BadNotebookFiles []notebookFileVector  `json:"bad_notebook_files"`
}

type textVector struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

type badTextVector struct {
	Name  string `json:"name"`
	Text  string `json:"text"`
	Error string `json:"error"`
}

type identityVector struct {
	Seed      string `json:"seed"`
	Line      string `json:"line"`
	Recipient string `json:"recipient"`
}

type keyFileVector struct {
	Name       string `json:"name"`
	File       string `json:"file"`
	Protected  bool   `json:"protected"`
	Passphrase string `json:"passphrase"`
	Seed       string `json:"seed"`
}

type badKeyFileVector struct {
	Name       string `json:"name"`
	File       string `json:"file"`
	Passphrase string `json:"passphrase"`
	Error      string `json:"error"`
}

type recipientsVector struct {
	Name  string   `json:"name"`
	Given []string `json:"given"`
	File  string   `json:"file"`
	ID    string   `json:"id"`
	Inbox string   `json:"inbox"`
	Words string   `json:"words"`
}

type fingerprintVector struct {
	Label string `json:"label"`
	Data  string `json:"data"`
	Words string `json:"words"`
}

type addressVector struct {
	Name      string `json:"name"`
	Text      string `json:"text"`
	Service   string `json:"service"`
	ID        string `json:"id"`
	Alias     string `json:"alias"`
	Canonical string `json:"canonical"`
}

type requestVector struct {
	Name      string `json:"name"`
	Text      string `json:"text"`
	Service   string `json:"service"`
	ID        string `json:"id"`
	Seed      string `json:"seed"`
	Canonical string `json:"canonical"`
	Address   string `json:"address"`
}

type codenameVector struct {
	Name    string `json:"name"`
	Typed   string `json:"typed"`
	Entropy string `json:"entropy"`
	Words   string `json:"words"`
}

type badCodenameVector struct {
	Name  string `json:"name"`
	Typed string `json:"typed"`
	Error string `json:"error"`
	Word  int    `json:"word"`
}

type codenameKeyVector struct {
	Entropy   string `json:"entropy"`
	Host      string `json:"host"`
	PublicKey string `json:"public_key"`
	Seed      string `json:"seed"`
	Recipient string `json:"recipient"`
}

type replyKeyVector struct {
	Seed  string `json:"seed"`
	Inbox string `json:"inbox"`
	Key   string `json:"key"`
}

// headVector: From, Recipients and Key are empty when the head lacks them.
type headVector struct {
	To         string   `json:"to"`
	Time       int64    `json:"time"`
	From       string   `json:"from"`
	Recipients []string `json:"recipients"`
	Key        string   `json:"key"`
}

type letterVector struct {
	Name     string       `json:"name"`
	Inbox    string       `json:"inbox"`
	HeadText string       `json:"head_text"`
	Head     headVector   `json:"letter_head"`
	Text     string       `json:"text"`
	Files    []fileVector `json:"files"`
	Key      string       `json:"mac_key"`
	Proves   string       `json:"proves"`
	Not      []string     `json:"does_not_prove"`
	Begin    string       `json:"head"`
	Length   int          `json:"length"`
	SHA256   string       `json:"sha256"`
}

type badLetterVector struct {
	Name   string `json:"name"`
	Inbox  string `json:"inbox"`
	Begin  string `json:"head"`
	Length int    `json:"length"`
}

type letterFileVector struct {
	Name       string       `json:"name"`
	Seed       string       `json:"seed"`
	Inbox      string       `json:"inbox"`
	Recipients int          `json:"recipients"`
	Text       string       `json:"text"`
	Files      []fileVector `json:"files"`
	Ciphertext string       `json:"ciphertext"`
}

type badLetterFileVector struct {
	Name       string `json:"name"`
	Seed       string `json:"seed"`
	Inbox      string `json:"inbox"`
	Ciphertext string `json:"ciphertext"`
}

type notebookVector struct {
	Name     string               `json:"name"`
	Seed     string               `json:"seed"`
	Inbox    string               `json:"inbox"`
	Seen     string               `json:"seen"`
	Before   string               `json:"before"`
	Speaking []conversationVector `json:"conversations"`
	JSON     string               `json:"json"`
	Tag      string               `json:"tag"`
	Length   int                  `json:"length"`
}

type conversationVector struct {
	Inbox      string   `json:"inbox"`
	Name       string   `json:"name"`
	Recipients []string `json:"recipients"`
	Key        string   `json:"key"`
	Since      string   `json:"since"`
}

type badNotebookVector struct {
	Name   string `json:"name"`
	Seed   string `json:"seed"`
	Inbox  string `json:"inbox"`
	Begin  string `json:"head"`
	Length int    `json:"length"`
}

type notebookFileVector struct {
	Name       string `json:"name"`
	Seed       string `json:"seed"`
	Inbox      string `json:"inbox"`
	Ciphertext string `json:"ciphertext"`
}
