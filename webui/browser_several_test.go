package webui

import (
	"strings"
	"testing"

	"ashpost/webui/api"
)

// TestSeveralInboxesPage: one message to three inboxes, of which one goes away meanwhile;
// and a request, which nobody asks for an answer.
func TestSeveralInboxesPage(t *testing.T) {
	r := start(t, setup{})
	first, second, third, asked := r.opened(1), r.opened(2), r.opened(1), r.newBox(1)
	r.want(201, r.by(asked.owners[0]).openBox(asked, api.KindRequest))
	v := r.visited()
	v.goes("/to/" + first.id.Encode())
	v.waits("#write")
	v.clicks("#also-details summary")
	for typed, says := range map[string]string{
		"desk!": "This is not the address of an inbox.", v.address(first): "This inbox is there already.",
		v.address(asked): "This is the address of a request", v.address(r.newBox(1)): "It has ended, or the address was copied wrongly",
		"http://" + strings.Repeat("a", 56) + ".onion/to/desk": "This is not the address of an inbox.",
	} {
		v.fills("#also", typed)
		v.clicks("#also-add")
		v.sees(says)
	}
	for _, b := range []*box{third, second, third} {
		v.fills("#also", v.address(b))
		v.clicks("#also-add")
		v.sees("Added, with the words")
		if b == third {
			continue
		}
		v.clicks("#others li:first-child button") // the one before
	}
	v.must(v.Inject(t.Context(), `
		const send = XMLHttpRequest.prototype.send;
		XMLHttpRequest.prototype.send = function (body) {
			XMLHttpRequest.prototype.send = send;
			document.querySelector("#also").value = "";
			send.call(this, body);
		};`))
	v.fills("#also", v.address(r.opened(1)))
	v.clicks("#also-add")
	v.misses("#also-state:not(:empty)") // and emptied meanwhile: it is not wanted any more
	v.fills("#text", "swordfish")
	v.fills("#also", v.address(r.newBox(1)))
	v.clicks("#send")
	v.sees("Your message does not go to this address yet.")
	v.fills("#also", "")
	r.want(204, r.by(third.owners[0]).do("POST", api.InboxPath(api.PathDestroyInbox, third.id), nil))
	v.clicks("#send")
	v.sees("2 of 3 inboxes have your message.")
	v.sees("It has the message already.")
	r.want(201, r.by(third.owners[0]).openBox(third, api.KindInbox))
	v.clicks("#send")
	v.sees("Your message is in the inboxes")
	for i, b := range []*box{first, second, third} {
		if n := r.by(b.owners[0]).list(b, 0).Count; n != 1 {
			t.Errorf("inbox %d has %d messages", i, n)
		}
	}

	v.goes("/to/" + asked.id.Encode())
	v.sees("Answer this request")
	v.sees("They can read it, but not answer.")
	v.fills("#text", "swordfish")
	v.clicks("#send")
	v.sees("Your answer is there")
}

// TestAnswerShownWithoutConfirmation: where nothing more comes after the answer was
// fetched, its text is shown all the same. It may be nowhere else.
func TestAnswerShownWithoutConfirmation(t *testing.T) {
	r := start(t, setup{})
	v := r.visited()
	v.goes("/ask")
	v.waits("#make:enabled")
	v.clicks("#make")
	v.waits("#ready")
	address, private := v.reads("document.querySelector('#link').value"), v.reads("document.querySelector('#control').value")
	v.must(v.Goto(t.Context(), address))
	v.waits("#write")
	v.fills("#text", "swordfish")
	v.clicks("#send")
	v.sees("Your answer is there")
	v.must(v.Goto(t.Context(), private))
	v.waits("#open:enabled")
	v.must(v.Inject(t.Context(), `
		const send = XMLHttpRequest.prototype.send, after = window.setTimeout;
		XMLHttpRequest.prototype.send = function (body) {
			if (!document.querySelector("#work-phase").textContent.includes("destroy")) send.call(this, body);
		};
		window.setTimeout = (run, ms) => after(run, ms === 10000 ? 0 : ms);`))
	v.clicks("#open")
	v.waits("#shown")
	v.sees("swordfish")
	v.sees("its destruction at the service is not confirmed yet")
}

// TestEndRequestPage: a request is destroyed by its private link before an answer came.
func TestEndRequestPage(t *testing.T) {
	r := start(t, setup{})
	v := r.visited()
	v.goes("/ask")
	v.waits("#make:enabled")
	v.clicks("#make")
	v.waits("#ready")
	private := v.reads("document.querySelector('#control').value")
	v.must(v.Goto(t.Context(), private))
	v.waits("#open:enabled")
	v.clicks("#end-details summary")
	v.clicks("#end")
	v.clicks("#end-no")
	v.clicks("#end")
	v.clicks("#end-yes")
	v.sees("The request is destroyed")
	v.goes("/how")
	v.must(v.Goto(t.Context(), private))
	v.waits("#open:enabled")
	v.clicks("#open")
	v.sees("There is nothing here any more")
}
