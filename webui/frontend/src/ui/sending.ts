// The view that shows a message going out. What fails leaves the draft where it was.
import type { SendOptions } from "../send";
import { say } from "../words";
import { button, byId, painted, put, view } from "./dom";
import { Work } from "./work";
import { explainSending, type MessageForm } from "./form";

const large = 5e6;

export class Sending {
  private readonly work = new Work();
  private stop = new AbortController();

  /** `section` is the view to show, `prefix` the one of the words for what goes wrong. */
  constructor(
    private readonly form: MessageForm,
    private readonly section: string,
    private readonly prefix: string,
  ) {
    button("stop", () => this.stop.abort());
  }

  /** Runs a task that sends `size` bytes. Null says that it failed: the form is shown again,
   * with what went wrong. */
  async run<T>(size: number, task: (o: SendOptions) => Promise<T>): Promise<T | null> {
    this.stop = new AbortController();
    view(this.section);
    byId("work-large", HTMLElement).hidden = size <= large;
    put("work-large", say("large"));
    this.work.enter("send.encrypting");
    await painted();
    try {
      return await task(this.options());
    } catch (e) {
      view("write");
      this.form.problem(explainSending(e, this.prefix));
      this.form.press.focus(); // which scrolls what went wrong into view
      return null;
    }
  }

  private options(): SendOptions {
    return {
      ...this.work.persist(this.stop.signal),
      progress: (done, of) => {
        this.work.enter("send.sending");
        this.work.moved("send.amount", done, of);
      },
      stretching: () => {
        this.work.enter("send.stretching");
        return painted();
      },
    };
  }
}
