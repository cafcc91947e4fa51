// The part of the API that is the operator's: over a session under the operator's key.
import { Api, object } from "./api";
import { ApiError } from "./errors";
import { utf8, type Bytes } from "./format/bytes";
import { inboxText, parseInboxText } from "./format/inbox";

/** What `ashpost status --json` prints, as far as the page shows it. */
export interface Status {
  state: "open" | "locked";
  cause?: string;
  verified?: number;
  now: number;
  messages: number;
  slots: number;
  bytes: number;
  quota: number;
  filled: number;
  volatile: boolean;
  onion?: { address: string; phase: string; trouble?: string; advice?: string };
}

export class Operator extends Api {
  async status(): Promise<Status> {
    return object<Status>(await this.ask("GET", "/status"));
  }

  async unlock(cause: string): Promise<void> {
    await this.ask("POST", "/unlock", { cause });
  }

  async aliases(): Promise<Map<string, Bytes>> {
    const got = await object<{ aliases?: Record<string, string> }>(await this.ask("GET", "/aliases"));
    return new Map(Object.entries(got.aliases ?? {}).map(([name, inbox]) => [name, known(inbox)]));
  }

  async setAlias(name: string, inbox: Bytes): Promise<void> {
    await this.ask("PUT", `/aliases/${name}`, { inbox: inboxText(inbox) });
  }

  async removeAlias(name: string): Promise<void> {
    await this.ask("POST", `/aliases/${name}/remove`);
  }

  /** Makes an invite code that lasts as long as the service allows. */
  async invite(purpose: "inbox" | "links"): Promise<string> {
    const answer = await this.ask("POST", "/invites", { for: purpose, expires_in: 0 });
    return String((await object<{ code?: unknown }>(answer)).code);
  }

  async clients(): Promise<string[]> {
    const { clients } = await object<{ clients?: unknown[] }>(await this.ask("GET", "/clients"));
    return (clients ?? []).map(String);
  }

  async addClient(name: string): Promise<string> {
    return String((await object<{ line?: unknown }>(await this.ask("POST", "/clients", { name }))).line);
  }

  async removeClient(name: string): Promise<void> {
    await this.ask("POST", `/clients/${name}/remove`);
  }

  private ask(method: "GET" | "PUT" | "POST", path: string, content?: object): Promise<Response> {
    const call = { method, path: `/operator${path}` };
    if (!content) return this.call(call);
    const headers = { "Content-Type": "application/json" };
    return this.call({ ...call, headers, body: utf8(JSON.stringify(content)) });
  }
}

function known(inbox: string): Bytes {
  const id = parseInboxText(inbox);
  if (!id) throw new ApiError("protocol");
  return id;
}
