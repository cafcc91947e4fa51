package seal

import "errors"

const addressAgain = "Copy the whole address again, from http:// to its last character."

// addressErrors are the words for what is wrong with an inbox's address.
// INBOX.md lists the codes.
var addressErrors = map[string]LinkError{
	"empty":          {Problem: "there is no address", Hint: "Paste the whole address, from http:// to its last character."},
	"characters":     {Problem: "the address holds white space or characters that no address has", Hint: "It may have been broken over several lines. " + addressAgain},
	"scheme":         {Problem: "the address does not begin with http://", Hint: "Remove what stands before the address, such as a quotation mark or a bracket. It begins with http://, also where https:// is usual: Tor encrypts the connection."},
	"host":           {Problem: "the address does not begin with an onion address of 56 characters", Hint: "A character may be missing. " + addressAgain},
	"onion-checksum": {Problem: "the onion address is mistyped", Hint: addressAgain},
	"query":          {Problem: "the address holds a question mark, which no address has", Hint: "A program may have changed it. Ask for the address through another program."},
	"message-link":   {Problem: "this is a link to a message, not an address to write to", Hint: "An address has /to/ in it."},
	"request-link":   {Problem: "this is the private link of a request, not an address to write to", Hint: "Only who made the request needs it. An address has /to/ in it."},
	"path":           {Problem: "this is not an address to write to", Hint: "Small and capital letters matter in /to/. " + addressAgain},
	"alias":          {Problem: "what follows /to/ is not the name of an inbox", Hint: addressAgain},
	"cut-off":        {Problem: "the address is cut off", Hint: addressAgain + " All 52 characters behind /to/ count."},
	"extra":          {Problem: "there is something behind the end of the address", Hint: "Remove what follows the address, such as a full stop, a bracket or another word."},
	"inbox":          {Problem: "the address is damaged behind /to/", Hint: addressAgain},
}

// requestErrors are the words for what only the private link of a request can
// have wrong; the rest is said as of a link to a message.
var requestErrors = map[string]LinkError{
	"message-link":  {Problem: "this is a link to a message, not the private link of a request", Hint: "The private link of a request has /r/ in it."},
	"inbox-address": {Problem: "this is an address to write to, not the private link of a request", Hint: "It was given away to be written to. The private link of a request has /r/ in it."},
	"path":          {Problem: "this is not the private link of a request", Hint: "Small and capital letters matter. " + copyAgain},
	"inbox":         {Problem: "the link is damaged between /r/ and #", Hint: copyAgain},
}

func inboxError(code string) error {
	e := addressErrors[code]
	e.Code = code
	return &e
}

// addressError says a fault of any link in the words of an address.
func addressError(err error) error {
	if e, ok := errors.AsType[*LinkError](err); ok {
		return inboxError(e.Code)
	}
	return err
}

func requestError(code string) error {
	e, own := requestErrors[code]
	if !own {
		return linkError(code)
	}
	e.Code = code
	return &e
}
