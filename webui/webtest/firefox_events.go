package webtest

import (
	"context"
	"encoding/json"
)

var firefoxSubscribed = []string{
	"log.entryAdded", "script.message",
	"network.beforeRequestSent", "network.responseStarted", "network.responseCompleted", "network.fetchError",
	"browsingContext.navigationCommitted", "browsingContext.load", "browsingContext.downloadEnd", "browsingContext.userPromptOpened",
}

// violationWatch reports violations of a page's policy, which Firefox's log
// events leave out. It runs before the page's scripts, in a realm of its own.
var violationWatch = object{
	"functionDeclaration": `send => addEventListener('securitypolicyviolation',
		e => send(e.effectiveDirective + ' blocked ' + e.blockedURI + ' ' + e.sample), true)`,
	"arguments": []object{{"type": "channel", "value": object{"channel": "violation"}}},
	"sandbox":   "webtest",
}

// firefoxEvents writes Firefox's events into the journal.
type firefoxEvents struct {
	journal *journal
	answer  func(page string) // to a dialog
	loads   chan<- struct{}
}

// firefoxEvent holds the fields of all the events we subscribe to.
type firefoxEvent struct {
	Context, Level, Text, Type string // log, prompts
	Channel                    string // script
	Data                       struct{ Value string }
	Status, Filepath           string // downloads
	Message                    string
	ErrorText                  string // network
	RedirectCount              int
	Request                    struct{ Request, URL, Method string }
	Response                   struct {
		Status        int
		BytesReceived int64
	}
}

func (w *firefoxEvents) take(method string, params json.RawMessage) {
	var e firefoxEvent
	if err := json.Unmarshal(params, &e); err != nil {
		w.journal.complain("unreadable event " + method + ": " + err.Error())
		return
	}
	switch method {
	case "log.entryAdded":
		if e.Level == "error" {
			w.journal.complain(e.Text)
		}
	case "script.message":
		w.journal.complain("policy violation: " + e.Data.Value)
	case "browsingContext.navigationCommitted", "browsingContext.load":
		select {
		case w.loads <- struct{}{}:
		default:
		}
	case "browsingContext.downloadEnd":
		w.journal.downloaded(e.Filepath) // null when cancelled
	case "browsingContext.userPromptOpened":
		if e.Type != "beforeunload" {
			w.journal.complain("the page opened a dialog: " + e.Message)
		}
		go w.answer(e.Context)
	default:
		w.network(method, &e)
	}
}

func (w *firefoxEvents) network(method string, e *firefoxEvent) {
	id := e.Request.Request
	answered := func(q *Request) {
		q.Status, q.Bytes = e.Response.Status, e.Response.BytesReceived
	}
	switch method {
	case "network.beforeRequestSent":
		w.journal.sent(id, e.Request.Method, e.Request.URL)
	case "network.responseStarted":
		w.journal.update(id, answered)
	case "network.responseCompleted":
		w.journal.finished(id, answered)
	case "network.fetchError":
		w.journal.finished(id, func(q *Request) { q.Failed = e.ErrorText })
	}
}

// acceptDialog lets the user leave a page that asks, and answers its alerts.
func (d *firefox) acceptDialog(page string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = d.bidi.call(ctx, "browsingContext.handleUserPrompt", object{"context": page, "accept": true}, nil)
}
