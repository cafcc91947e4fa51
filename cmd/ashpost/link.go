package main

import (
	"context"

	"ashpost/webui/api"
)

type linkCmd struct {
	Link string `arg:"" optional:"" help:"The secret link. \"-\" or left out: read from standard input, or asked for without echo."`
	JSON bool   `name:"json" help:"Print the result as JSON."`
}

// linkKeys is the result of link in JSON.
type linkKeys struct {
	Passphrase string `json:"age_passphrase"`
	Extra      bool   `json:"extra_passphrase"` // append "." and the extra passphrase
	ClaimKey   string `json:"claim_key"`
}

func (c *linkCmd) Run(ctx context.Context, t *tui) error {
	text, err := t.linkText(ctx, c.Link)
	if err != nil {
		return err
	}
	link, err := parseLink(text)
	if err != nil {
		return err
	}
	out := linkKeys{Extra: link.Passphrase}
	link.Passphrase = false // the derived part alone; the extra one is the person's to add
	keys := link.Keys()
	out.ClaimKey = api.Key(keys.Claim).Encode()
	if out.Passphrase, err = keys.AgePassphrase(""); err != nil {
		return err
	}
	if c.JSON {
		return t.json(out)
	}
	return t.result(out.String())
}

func (k linkKeys) String() string {
	s := "age passphrase: " + k.Passphrase + "\n"
	if k.Extra {
		s += "                append \".\" and the extra passphrase\n"
	}
	return s + "claim key:      " + k.ClaimKey + "\n\n" +
		"To open the encrypted message with other tools, give the age passphrase to:\n" +
		"  age -d message.age | tar -xv"
}
