// Progress in words: a live line that changes with the phase, and amounts beside it that a
// screen reader is not made to read out each second.
import type { Persist, Waiting } from "../retry";
import { say, type Key } from "../words";
import { byId } from "./dom";
import { size } from "./format";

export class Work {
  private readonly phase = byId("work-phase", HTMLElement);
  private readonly amount = byId("work-amount", HTMLElement);
  private readonly bar = byId("work-bar", HTMLProgressElement);
  private current = "";

  enter(key: Key): void {
    if (this.current === key) return;
    this.current = key;
    this.bar.hidden = false;
    this.phase.textContent = say(key);
    this.amount.textContent = "";
    this.bar.removeAttribute("value");
  }

  moved(key: Key, done: number, total: number): void {
    this.amount.textContent = say(key, { done: size(done), total: size(total) });
    this.bar.max = total;
    this.bar.value = done;
  }

  /** Waits for the person: there is nothing to watch. */
  pause(key: Key): void {
    this.enter(key);
    this.bar.hidden = true;
  }

  /** The words for a connection that breaks, for retry.ts. */
  persist(signal?: AbortSignal): Persist {
    return {
      signal,
      waiting: (w) => this.wait(w),
      going: () => {
        this.phase.textContent = say("wait.going");
        this.current = "";
      },
    };
  }

  private wait(w: Waiting): void {
    const broken = w.tries > 3 ? "wait.long" : "wait.broken";
    this.phase.textContent = say(w.why === "broken" ? broken : `wait.${w.why}`, { n: w.seconds });
    this.current = "";
  }
}
