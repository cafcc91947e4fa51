// Counts the round trips that follow one another: calls that are under way together are one
// round. It waits for turns of the event loop, not for time.
import type { Transport } from "../src/transport";

const turns = 50; // more than any step between two calls takes

export class Rounds {
  count = 0;
  paths: string[][] = [];
  private held: { path: string; go: () => void }[] = [];
  private quiet = 0;

  /** A transport whose calls leave in rounds. */
  through(base: Transport): Transport {
    return async (call) => {
      this.quiet = 0;
      const first = this.held.length === 0;
      const gate = new Promise<void>((go) => this.held.push({ path: `${call.method} ${call.path}`, go }));
      if (first) void this.release();
      await gate;
      return base(call);
    };
  }

  private async release(): Promise<void> {
    while (this.quiet++ < turns) await new Promise((r) => setTimeout(r));
    const all = this.held.splice(0);
    this.count++;
    this.paths.push(all.map((h) => h.path));
    for (const h of all) h.go();
  }
}
