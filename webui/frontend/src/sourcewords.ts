// What the pages of people who write to inboxes say. Import this for its effect.
import { learn } from "./words";

export const sourceWords = {
  // Looking an inbox up.
  "look.working": "Looking the inbox up and checking its key…",
  "look.gone.title": "There is no such inbox",
  "look.gone.text": "It has ended, or the address was copied wrongly, or its one message has come already. Compare the address with where you got it.",
  "look.swapped.title": "This is the wrong key",
  "look.swapped.text": "The service handed out a key that does not belong to this address. Somebody may be trying to read what is meant for another. Do not write here. Tell the person you want to reach by another channel.",
  "look.bad.title": "This address does not work as it is",
  "look.bad.text": "It is cut off or damaged. Copy the whole address, from http:// to its last character.",
  "look.locked.title": "This service has stopped itself",
  "look.locked.text": "It cannot prove that old messages were destroyed. Until it can, it takes and gives nothing. Try again in an hour.",
  "look.late.title": "A part of this page did not arrive",
  "look.late.text": "The connection broke on the way. Look again.",
  "look.odd.title": "The service answered strangely",
  "look.odd.text": "This page does not understand its answer. Look again; if that does not help, tell the person you want to reach by another channel.",

  // To whom it is encrypted, by a name; elsewhere there are none.
  "whom.alias": "It is encrypted to the inbox that this service calls “{name}”, with these words:",
  "whom.hint.alias": "The name is the operator's word. If you know the words from somewhere you trust, compare them; if they differ, do not write.",

  // A request, which takes one message.
  "request.write": "Answer this request",
  "request.sent": "Your answer is there",
  "write.conflict": "There is an answer here already, and this address takes one message. If you stopped one before, it may be that one. Your message is still here.",

  // Several inboxes.
  "whom.also.id": "Also, by itself, to the inbox with these words:",
  "whom.also.alias": "Also, by itself, to the inbox that this service calls “{name}”, with these words:",
  "whom.sent.id": "The inbox with these words:",
  "whom.sent.alias": "The inbox that this service calls “{name}”, with these words:",
  "also.bad": "This is not the address of an inbox. It begins with http:// and has /to/ in it. Copy the whole address.",
  "also.elsewhere": "This inbox is at another service. Write to it from its own address.",
  "also.request": "This is the address of a request, which takes one message from one person. Write to it by itself.",
  "also.first": "Your message does not go to this address yet. Press Add, or empty the field.",
  "also.twice": "This inbox is there already.",
  "also.most": "A message goes to {n} inboxes at most.",
  "also.added": "Added, with the words {words}.",
  "also.has": "It has the message already.",
  "also.partly": "Not sent to all. {done} of {n} inboxes have your message. The inbox with the words “{words}” does not: {why} Send once more, and it goes only to those that do not have it.",
  "also.stopped": "it was stopped. If the service had all of it by then, it may be there nevertheless.",
  "also.failed.gone": "it is no longer there, or the service lost track of the upload.",
  "also.failed.full": "it is full at the moment.",
  "also.failed.swapped": "the service now hands out another key than before. Remove it, and tell whom you want to reach by another channel.",
  "also.failed.locked": "the service has stopped itself because it cannot prove that old messages were destroyed.",
  "also.failed.odd": "something went wrong on the way.",
  "words.title": "Sent. Write down your return words",
  "words.partly": "Sent to some. Write down your return words first",

  // After sending.
  "sent.until": "It waits there until its reader destroys it, at the latest until {time}.",
  "sent.untilAll": "It waits in each inbox until its reader destroys it, at the latest until {time}.",
  "sent.title": "Your message is in the inbox",
  "sent.titleAll": "Your message is in the inboxes",
  "sent.text": "Your text",
  "sent.answer": "Answers lie behind your return words, at this address under “Your replies”. Come back when you like; the service does not know who you are.",
  "sent.noAnswer": "There is no way to answer it.",
  "words.copied": "Copied. Paste it only where nobody else looks, and copy something else after that.",
  "words.wrong": "Word {n} is not the one shown here. Look at your paper.",
  "words.right": "That agrees with what is shown here.",

  // Typing return words.
  "enter.count.one": "{n} word of 12.",
  "enter.count.other": "{n} words of 12.",
  "enter.ready": "All twelve words are there.",
  "enter.word": "Word {n} is not in the list. Words that begin alike are offered below.",
  "enter.fault.empty": "Type the twelve words first.",
  "enter.fault.word": "Word {n} is not in the list of return words. Look at your paper: its first four letters must be right.",
  "enter.fault.count": "There must be twelve words; these are {n}.",
  "enter.fault.checksum": "All words are in the list, but together they are not return words. One of them is another, or two changed places.",

  // A source's replies.
  "return.opening": "Asking for your replies…",
  "return.last": "You were last here on {day}.",
  "return.lastHint": "If that was not you, somebody else knows your return words and may have read everything. Write from a new start, with new words.",
  "return.first": "Before today, nobody was here with these words.",
  "return.firstHint": "If you were, your mailbox was destroyed since then: its time was up, or somebody who knows your words ended it.",
  "return.unknown": "There is nothing behind these words.",
  "return.unknownHint": "Either no message was sent with them at this address, or your mailbox is destroyed: its time was up, or somebody who knows your words ended it. Look at the address, too.",
  "return.none": "There is no answer here now. Come back later: an answer waits 30 days at most, or until you destroy it.",
  "return.sent": "Sent. It waits until its reader destroys it, at the latest until {time}.",
  "return.sentUnnoted": "Sent: do not send it again. It waits until its reader destroys it, at the latest until {time}. Only whom you wrote to could not be noted; an answer reaches you all the same.",
  "return.again": "Write again to {name}",
  "return.inbox": "the inbox with the words {words}",
  "return.ended.title": "It has ended",
  "return.ended.text": "Your mailbox is destroyed, with everything in it. Your return words open nothing any more: destroy the paper.",
  "return.unproven.title": "Its end is not proven yet",
  "return.unproven.text": "The service removed your mailbox but cannot prove its destruction: it has stopped itself until it can. Come back later with your words and look whether it is gone.",
} as const;

learn(sourceWords);
