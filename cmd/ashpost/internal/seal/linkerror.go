package seal

// LinkError says what is wrong with a link and what to do. It never repeats any
// part of the link.
type LinkError struct {
	Code    string // one word for programs; FORMAT.md lists them
	Problem string
	Hint    string
}

func (e *LinkError) Error() string { return e.Problem }

const copyAgain = "Copy the whole link again, from http:// to its last character."

var linkErrors = map[string]LinkError{
	"empty":          {Problem: "there is no link", Hint: "Paste the whole link, from http:// to its last character."},
	"characters":     {Problem: "the link holds white space or characters that no link has", Hint: "It may have been broken over several lines. " + copyAgain},
	"scheme":         {Problem: "the link does not begin with http://", Hint: "Remove what stands before the link, such as a quotation mark or a bracket. It begins with http://, also where https:// is usual: Tor encrypts the connection."},
	"host":           {Problem: "the link's address is not an onion address of 56 characters", Hint: "A character may be missing. " + copyAgain},
	"onion-checksum": {Problem: "the link's onion address is mistyped", Hint: copyAgain},
	"query":          {Problem: "the link holds a question mark, which no link has", Hint: "A program may have changed it. Ask the sender for the link through another program."},
	"path":           {Problem: "this is not a link to a message", Hint: "Small and capital letters matter. " + copyAgain},
	"control-link":   {Problem: "this is the sender's control link, not the link to the message", Hint: "Only the sender needs it. Ask the sender for the other link, which has /m/ in it."},
	"message-link":   {Problem: "this is the link to the message, not the control link", Hint: "The control link has /c/ in it."},
	"fragment":       {Problem: "the secret part of the link, behind #, is missing", Hint: "A program may have cut it off, or turned the # into %23. " + copyAgain},
	"reference":      {Problem: "the link is damaged between /m/ or /c/ and #", Hint: copyAgain},
	"version":        {Problem: "the secret part of the link does not begin with 1", Hint: "The link is damaged, or a newer version of Ashpost made it. " + copyAgain},
	"cut-off":        {Problem: "the secret part of the link is cut off", Hint: copyAgain + " If a full stop follows the link, remove it."},
	"extra":          {Problem: "there is something behind the end of the link", Hint: "Remove what follows the link, such as a full stop, a bracket or another word."},
	"token":          {Problem: "the secret part of the link is damaged", Hint: copyAgain},
}

func linkError(code string) error {
	e := linkErrors[code]
	e.Code = code
	return &e
}
