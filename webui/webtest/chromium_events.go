package webtest

import (
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromiumEvents writes Chromium's events into the journal.
type chromiumEvents struct {
	journal *journal
	answer  func() // to a dialog
}

// page is called with each event of the page, in order; it must not block.
func (w *chromiumEvents) page(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
		w.journal.complain(text)
	case *runtime.EventConsoleAPICalled:
		w.console(e)
	case *log.EventEntryAdded:
		// A refused answer is the page's business and stands in Requests.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			w.journal.complain(e.Entry.Text)
		}
	case *page.EventJavascriptDialogOpening:
		if e.Type != page.DialogTypeBeforeunload {
			w.journal.complain("the page opened a dialog: " + e.Message)
		}
		go w.answer()
	default:
		w.network(event)
	}
}

func (w *chromiumEvents) console(e *runtime.EventConsoleAPICalled) {
	if e.Type != runtime.ConsoleAPICalledTypeError && e.Type != runtime.ConsoleAPICalledTypeAssert {
		return
	}
	text := "console." + string(e.Type) + ":"
	for _, arg := range e.Args {
		if arg.Description != "" {
			text += " " + arg.Description
		} else {
			text += " " + string(arg.Value)
		}
	}
	w.journal.complain(text)
}

func (w *chromiumEvents) network(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		id := string(e.RequestID)
		if r := e.RedirectResponse; r != nil {
			w.journal.finished(id, func(q *Request) { q.Status, q.Bytes = int(r.Status), int64(r.EncodedDataLength) })
		}
		w.journal.sent(id, e.Request.Method, e.Request.URL)
	case *network.EventResponseReceived:
		w.journal.update(string(e.RequestID), func(q *Request) { q.Status = int(e.Response.Status) })
	case *network.EventLoadingFinished:
		w.journal.finished(string(e.RequestID), func(q *Request) { q.Bytes = int64(e.EncodedDataLength) })
	case *network.EventLoadingFailed:
		w.journal.finished(string(e.RequestID), func(q *Request) { q.Failed = e.ErrorText })
	}
}

// browser is called with each event of the browser as a whole.
func (w *chromiumEvents) browser(event any) {
	e, ok := event.(*browser.EventDownloadProgress)
	if !ok {
		return
	}
	switch e.State {
	case browser.DownloadProgressStateCompleted:
		w.journal.downloaded(e.FilePath)
	case browser.DownloadProgressStateCanceled:
		w.journal.downloaded("")
	}
}

// acceptDialog lets the user leave a page that asks, and answers its alerts.
func (d *chromium) acceptDialog() {
	_, _ = chromedp.Call(d.page, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
}
