package api

import (
	"net/http"
	"time"
)

// Code says why a request was refused.
type Code string

// The codes of the contract; the table below gives status and sentence of each.
const (
	CodeNotProven      Code = "not_proven"
	CodeBadRequest     Code = "bad_request"
	CodeNotAge         Code = "not_age"
	CodeGone           Code = "gone"
	CodeNotAllowed     Code = "not_allowed"
	CodeNotFound       Code = "not_found"
	CodeMethod         Code = "method"
	CodeIncomplete     Code = "incomplete"
	CodeConflict       Code = "conflict"
	CodeReplaced       Code = "replaced"
	CodeChannel        Code = "channel"
	CodeLengthRequired Code = "length_required"
	CodeTooLarge       Code = "too_large"
	CodeUnsupported    Code = "unsupported"
	CodeRange          Code = "range"
	CodeBusy           Code = "busy"
	CodeInternal       Code = "internal"
	CodeLocked         Code = "locked"
	CodeFull           Code = "full"
)

type refusal struct {
	status  int
	message string
}

var refusals = map[Code]refusal{
	CodeNotProven:      {http.StatusAccepted, "The message was told to go, but its destruction is not proved yet."},
	CodeBadRequest:     {http.StatusBadRequest, "The request is malformed."},
	CodeNotAge:         {http.StatusBadRequest, "This is not an age file as Ashpost writes them."},
	CodeGone:           {http.StatusForbidden, "There is nothing here to open."},
	CodeNotAllowed:     {http.StatusForbidden, "The operator of this service does not allow this, or not without an invite code."},
	CodeNotFound:       {http.StatusNotFound, "There is no such route."},
	CodeMethod:         {http.StatusMethodNotAllowed, "This route does not take that method."},
	CodeIncomplete:     {http.StatusConflict, "Parts of the message are missing."},
	CodeConflict:       {http.StatusConflict, "Another message was already sent under this reference."},
	CodeReplaced:       {http.StatusConflict, "The notebook is another one by now. Read it, then change that one."},
	CodeChannel:        {http.StatusConflict, "The channel does not open. Ask for the service's state and open another."},
	CodeLengthRequired: {http.StatusLengthRequired, "The request needs a Content-Length."},
	CodeTooLarge:       {http.StatusRequestEntityTooLarge, "The message is larger than the service takes."},
	CodeUnsupported:    {http.StatusUnsupportedMediaType, "The content type is not the one this route takes."},
	CodeRange:          {http.StatusRequestedRangeNotSatisfiable, "The range is outside the message."},
	CodeBusy:           {http.StatusTooManyRequests, "The service is busy. Try again shortly."},
	CodeInternal:       {http.StatusInternalServerError, "The service failed."},
	CodeLocked:         {http.StatusServiceUnavailable, "This service has stopped itself because it cannot prove that old messages were destroyed."},
	CodeFull:           {http.StatusInsufficientStorage, "The service is full."},
}

// Status is the HTTP status that belongs to the code.
func (c Code) Status() int {
	if r, ok := refusals[c]; ok {
		return r.status
	}
	return http.StatusInternalServerError
}

// Message is the code's fixed sentence, used where nothing more can be said.
func (c Code) Message() string { return refusals[c].message }

// Error is a refusal: what travels as JSON, and what the client returns.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`

	// RetryAfter travels as the header of that name, in whole seconds.
	RetryAfter time.Duration `json:"-"`
}

// Refuse makes a refusal with the code's fixed sentence.
func Refuse(c Code) *Error { return &Error{Code: c, Message: c.Message()} }

func (e *Error) Error() string { return e.Message }

// Is makes errors.Is compare codes, whatever the message says.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// What callers of the client ask for with errors.Is.
var (
	ErrGone       error = Refuse(CodeGone)
	ErrNotAllowed error = Refuse(CodeNotAllowed)
	ErrLocked     error = Refuse(CodeLocked)
	ErrNotProven  error = Refuse(CodeNotProven)
	ErrFull       error = Refuse(CodeFull)
	ErrBusy       error = Refuse(CodeBusy)
	ErrTooLarge   error = Refuse(CodeTooLarge)
	ErrConflict   error = Refuse(CodeConflict)
	ErrReplaced   error = Refuse(CodeReplaced)
)
