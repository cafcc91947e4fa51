// Doing something to a mailbox, and saying how it went.
import type { Persist } from "../retry";
import { byId, put } from "./dom";
import { patient, troubleWords } from "./trouble";

export class Doing {
  /** `done` and `trouble` are the elements that say what was done, or what went wrong. */
  constructor(
    readonly done: string,
    private readonly trouble: string,
  ) {}

  /** Runs a step; a failure is said, and nothing else happens. */
  async try(run: (o: Persist) => Promise<void>): Promise<void> {
    put(this.done, "");
    put(this.trouble, "");
    try {
      await run(patient(this.trouble));
      put(this.trouble, "");
    } catch (e) {
      put(this.trouble, troubleWords(e));
    }
  }

  /** Says what was done, and puts the focus there: what was pressed may be gone. What is not
   * proven does not look like a success. */
  said(words: string, proven = true): void {
    put(this.done, words);
    byId(this.done, HTMLElement).className = proven ? "ok" : "bad";
    byId(this.done, HTMLElement).focus();
  }
}
