// Writing to somebody from a mailbox: the view "write", and the one of the progress.
import type { Partner } from "../conversations";
import { ApiError } from "../errors";
import type { Content } from "../format/container";
import { inboxText } from "../format/inbox";
import type { Answered, Mailbox } from "../mailbox";
import type { Limits } from "../send";
import { Unanswered } from "../unanswered";
import { writingSize } from "../write";
import { button, byId, submits, view } from "./dom";
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
  /** What was begun to others, by inbox: it must neither be lost nor go to somebody else. */
  private readonly drafts = new Map<string, Content>();
  private readonly unanswered = new Unanswered();
  private mailbox: Mailbox | null = null;
  private answer: Answer | null = null;

  /** `back` shows where the person came from, `sent` what was sent and until when it is there. */
  constructor(
    private readonly limits: Limits & { inbox: number; reply: number },
    back: () => void,
    private readonly sent: (a: Answered) => void,
  ) {
    stayWhile(() => !this.form.empty || this.drafts.size > 0);
    onLeave(() => {
      this.form.clear();
      this.drafts.clear();
      this.unanswered.forget();
    });
    submits("form", "send", () => this.send());
    button("back", back);
  }

  async begin(mailbox: Mailbox, answer: Answer): Promise<void> {
    const inbox = answer.partner.inbox;
    this.turn(this.answer && inboxText(this.answer.partner.inbox), inboxText(inbox));
    this.mailbox = mailbox;
    this.answer = answer;
    showWhom(await named({ id: inbox, recipients: answer.partner.recipients ?? [] }, ""));
    view("write");
  }

  /** Puts away the draft to one, and takes out that to another. */
  private turn(before: string | null, now: string): void {
    if (before === null || before === now) return;
    if (!this.form.empty) this.drafts.set(before, this.form.content());
    this.form.clear();
    const draft = this.drafts.get(now);
    if (draft) this.form.fill(draft);
    this.drafts.delete(now);
  }

  private async send(): Promise<void> {
    this.form.problem("");
    const content = this.form.read();
    const { mailbox, answer } = this;
    if (!content || !mailbox || !answer) return;
    const to = { id: answer.partner.inbox, recipients: answer.partner.recipients ?? [] };
    const size = writingSize({ content, to, seconds: 0, answers: null });
    const answered = await this.sending.run(size, (o) => {
      TooBig.check(size, this.limits.inbox);
      const { reply } = this.limits;
      const some = { ...o, unanswered: this.unanswered };
      return mailbox.answer(answer.partner, answer.name, content, chosenSeconds(), some).catch((e: unknown) => {
        // Which kind of inbox it is, the service knows: it refused before anything was sent.
        throw e instanceof ApiError && e.code === "too_large" ? new TooBig(size, reply, "write.reply") : e;
      });
    });
    if (answered === null) return;
    this.form.clear();
    this.sent(answered);
  }
}
