// Writing to somebody from a mailbox: the view "write", and the one of the progress.
import type { Partner } from "../conversations";
import { inboxText } from "../format/inbox";
import type { Mailbox } from "../mailbox";
import type { Limits } from "../send";
import { writingSize } from "../write";
import { button, byId, view } from "./dom";
import { chosenSeconds, MessageForm, TooBig } from "./form";
import { onLeave, stayWhile } from "./frame";
import { Sending } from "./sending";
import { named, showWhom } from "./whom";

export interface Answer {
  partner: Partner;
  /** The local name of the conversation. */
  name: string;
}

export class Answering {
  private readonly form = new MessageForm(byId("send", HTMLButtonElement));
  private readonly sending = new Sending(this.form, "sending", "write");
  private mailbox: Mailbox | null = null;
  private answer: Answer | null = null;

  /** `back` shows where the person came from, `sent` what was sent and until when it is there. */
  constructor(
    private readonly limits: Limits & { message: number },
    back: () => void,
    private readonly sent: (expires: number) => void,
  ) {
    stayWhile(() => !this.form.empty);
    onLeave(() => this.form.clear());
    byId("form", HTMLFormElement).addEventListener("submit", (e) => {
      e.preventDefault();
      void this.send();
    });
    this.form.press.disabled = false;
    button("back", back);
  }

  async begin(mailbox: Mailbox, answer: Answer): Promise<void> {
    const before = this.answer?.partner.inbox;
    const inbox = answer.partner.inbox;
    if (before && inboxText(before) !== inboxText(inbox)) this.form.clear(); // a draft must not go to somebody else
    this.mailbox = mailbox;
    this.answer = answer;
    showWhom(await named({ id: inbox, recipients: answer.partner.recipients ?? [] }, ""));
    view("write");
  }

  private async send(): Promise<void> {
    this.form.problem("");
    const content = this.form.read();
    const { mailbox, answer } = this;
    if (!content || !mailbox || !answer) return;
    const to = { id: answer.partner.inbox, recipients: answer.partner.recipients ?? [] };
    const size = writingSize({ content, to, seconds: 0, answers: null });
    const expires = await this.sending.run(size, (o) => {
      TooBig.check(size, this.limits.message);
      return mailbox.answer(answer.partner, answer.name, content, chosenSeconds(), o);
    });
    if (expires === null) return;
    this.form.clear();
    this.sent(expires);
  }
}
