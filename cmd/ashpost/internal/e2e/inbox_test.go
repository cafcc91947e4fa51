package e2e

import (
	"strings"
	"testing"

	"ashpost/webui/webtest"
)

// correspondent is a person who uses the pages of inboxes.
type correspondent struct {
	*person
	site  string            // address of the service, without a slash
	looks func(view string) // at each view on the way
}

// keyring is what the owner of an inbox has.
type keyring struct{ address, file, passphrase string }

// TestInboxes: a source writes to a journalist, who reads and answers; the source
// comes back with the return words alone; both write again, also on the next day, and
// end it.
func TestInboxes(t *testing.T) {
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			p := arriveApart(t, kind, webtest.Options{Width: 390, Height: 800})
			c := &correspondent{p, world.service.address(), p.shoots}
			if name == "chromium" {
				c.looks = (&inspector{p, inspection(t), ""}).passes
			}
			c.noon()
			k := c.makesInbox()
			words := c.writes(k.address, "The minutes are "+secret, true)
			c.opensInbox(k)
			c.sees("New, nothing proves who wrote")
			c.looks("list of conversations")
			c.clicks("#talks .open")
			c.sees("The minutes are " + secret)
			c.sees("First message. Nothing proves who wrote it.")
			c.answers("Who was there?")
			c.clicks("#talk-back")
			c.waits("#list")

			c.returns(words)
			c.sees("Who was there?")
			c.sees("From this conversation.")
			c.waits("#people button")
			c.looks("replies")
			c.followsUp("The whole board.")
			c.clicks("#letters .destroy")
			c.clicks("#letters .yes")
			c.sees("Destroyed.")
			c.sees("There is no answer here now.")
			c.looks("replies, one destroyed")

			c.opensInbox(k)
			c.sees("A reader of minutes")
			c.clicks("#talks .open")
			c.sees("The whole board.")
			c.sees("From this conversation.")
			c.looks("conversation")
			c.clicks("#select-all")
			c.clicks("#talk-destroy")
			c.sees("Destroy 2 messages?")
			c.clicks("#talk-destroy-yes")
			c.sees("2 messages destroyed.")

			c.tomorrow(k, words)
			c.endsReplies(words)
			c.endsInbox(k)
		})
	}
}

// makesInbox makes an inbox and saves its key.
func (c *correspondent) makesInbox() keyring {
	c.t.Helper()
	c.goes(c.site + "/inbox")
	c.waits("#new:enabled")
	c.looks("own inbox")
	c.clicks("#new")
	return c.savesKey()
}

// savesKey saves the key that was made, and waits for the inbox.
func (c *correspondent) savesKey() keyring {
	c.t.Helper()
	c.waits("#made")
	c.clicks("#saved")
	c.sees("Save the key file first")
	c.clicks("#save-key")
	file, err := c.WaitDownload(c.ctx())
	c.must(err)
	c.sees("Saved to the folder for downloads")
	c.looks("new key")
	k := keyring{file: file, passphrase: c.reads("document.querySelector('#key-words').value")}
	c.clicks("#saved")
	c.waits("#list")
	c.waits("#your-words:not(:empty)")
	c.clicks("#qr")
	c.waits("svg.qr")
	c.looks("empty inbox")
	k.address = c.reads("document.querySelector('#your-address').value")
	if !strings.HasPrefix(k.address, c.site+"/to/") {
		c.t.Fatal("the page shows no address of this service")
	}
	return k
}

// writes writes to an inbox, and returns the return words when it wants an answer.
func (c *correspondent) writes(address, text string, answer bool) (words string) {
	c.t.Helper()
	c.goes(address)
	c.waits("#write")
	c.fills("#text", text)
	if !answer {
		c.clicks("#answer-no")
	}
	c.looks("writing")
	c.clicks("#send")
	if answer {
		c.waits("#words")
		words = c.reads("[...document.querySelectorAll('#twelve li')].map(l => l.textContent).join(' ')")
		c.looks("return words")
		c.fills("#check-3", "zoo zoo")
		c.clicks("#written")
		c.sees("Word 3 is not the one shown here")
		c.must(c.Type(c.ctx(), "#check-3", strings.Fields(words)[2]+"\n")) // Enter does not take the words away
		c.clicks("#written")
	}
	c.waits("#sent")
	c.looks("sent")
	if left := c.reads("document.querySelector('#twelve').textContent"); left != "" {
		c.t.Error("the return words are still on the page")
	}
	return words
}

func (c *correspondent) unlocks(k keyring) {
	c.t.Helper()
	c.goes(c.site + "/inbox")
	c.waits("#open:enabled")
	c.must(c.SetFiles(c.ctx(), "#keyfile", k.file))
	c.fills("#passphrase", k.passphrase)
	c.clicks("#open")
}

func (c *correspondent) opensInbox(k keyring) {
	c.t.Helper()
	c.unlocks(k)
	c.waits("#list")
}

// answers names the conversation that is shown, and answers.
func (c *correspondent) answers(text string) {
	c.t.Helper()
	c.fills("#name", "A reader of minutes")
	c.clicks("#name-save")
	c.sees("Name kept.")
	c.clicks("#talk-answer")
	c.waits("#write")
	c.fills("#text", text)
	c.looks("answering")
	c.clicks("#send")
	c.waits("#talk")
	c.sees("Answer sent.")
}

// returns comes back with return words, the first four letters of each.
func (c *correspondent) returns(words string) {
	c.t.Helper()
	c.goes(c.site + "/return")
	c.waits("#show:enabled")
	typed := strings.Fields(words)
	for i, w := range typed {
		typed[i] = strings.ToUpper(w[:min(4, len(w))])
	}
	c.clicks("#words")
	c.fills("#words", "xylophon "+strings.Join(typed[1:], " "))
	c.sees("Word 1 is not in the list")
	c.looks("return words, one wrong")
	c.fills("#words", strings.Join(typed, "\n"))
	c.sees("All twelve words are there.")
	c.clicks("#show")
	c.waits("#replies")
}

func (c *correspondent) followsUp(text string) {
	c.t.Helper()
	c.clicks("#people button")
	c.waits("#write")
	c.fills("#text", text)
	c.clicks("#send")
	c.waits("#replies")
	c.sees("Sent. It waits")
}

func (c *correspondent) endsReplies(words string) {
	c.t.Helper()
	c.returns(words)
	c.clicks("#end")
	c.waits("#end-ask")
	c.clicks("#end-yes")
	c.sees("It has ended")
	c.looks("replies ended")
	c.returns(words)
	c.sees("There is nothing behind these words.")
}

func (c *correspondent) endsInbox(k keyring) {
	c.t.Helper()
	c.opensInbox(k)
	c.clicks("#end-details summary")
	c.clicks("#end")
	c.sees("Type the word destroy")
	c.fills("#end-word", "destroy")
	c.looks("ending an inbox")
	c.clicks("#end")
	c.sees("The inbox has ended")
	c.unlocks(k)
	c.sees("There is no inbox for this key")
	c.looks("no inbox")
	c.goes(k.address)
	c.sees("There is no such inbox")
	c.looks("nobody to write to")
}

// TestRequest: somebody asks for a secret, and gets it once.
func TestRequest(t *testing.T) {
	p := arriveApart(t, webtest.Chromium, webtest.Options{Width: 390, Height: 800})
	c := &correspondent{p, world.service.address(), (&inspector{p, inspection(t), ""}).passes}
	c.goes(c.site + "/ask")
	c.waits("#make:enabled")
	c.looks("asking")
	c.clicks("#make")
	c.waits("#ready")
	c.looks("address to give away")
	give := c.reads("document.querySelector('#link').value")
	private := c.reads("document.querySelector('#control').value")
	c.looksFor(private)
	c.sees("Nothing has come yet.")
	c.looks("no answer yet")
	c.writes(give, "swordfish", false)
	c.goes(give)
	c.waits("#write")
	c.fills("#text", "a second one")
	c.clicks("#answer-no")
	c.clicks("#send")
	c.sees("There is an answer here already")
	c.fills("#text", "")
	c.looksFor(private)
	c.waits("#shown")
	c.sees("swordfish")
	c.sees("Destroyed at the service")
	c.looks("answer")
	c.clicks("#hide")
	c.clicks("#hide-yes")
	c.waits("#hidden")
	c.looksFor(private)
	c.sees("There is nothing here any more")
	c.looks("answer gone")
	c.goes(private + "x")
	c.sees("This link does not work as it is")
	c.looks("private link with a mistake")
}

// looksFor opens the private link of a request and presses the button.
func (c *correspondent) looksFor(private string) {
	c.t.Helper()
	c.goes(c.site + "/how") // the same address again would not leave the page
	c.goes(private)
	c.waits("#open:enabled")
	if strings.Contains(c.reads("location.href"), "#") {
		c.t.Error("the secret part of the link is still in the address bar")
	}
	c.clicks("#open")
}
