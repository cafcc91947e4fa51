// "About 10 minutes left to finish": what the service allows this reader, from here.
import type { Claimed } from "../api";
import { count, say } from "../words";
import { put } from "./dom";
import { minutes } from "./format";

export class Lease {
  private length = 0;
  private expiry = 0;
  private end = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** A message that is kept until its time is up has no lease. */
  start(c: Claimed): void {
    this.stop();
    if (c.keep || c.lease <= 0) return;
    this.length = c.lease * 1000;
    this.expiry = Date.now() + c.expiresIn * 1000;
    this.extend();
    this.timer = setInterval(() => this.draw(), 10_000);
    this.draw();
  }

  /** Progress gives the whole time again, but never past the message's end. */
  extend(): void {
    this.end = Math.min(Date.now() + this.length, this.expiry);
  }

  stop(): void {
    clearInterval(this.timer);
    put("work-lease", "");
    put("failed-lease", "");
  }

  private draw(): void {
    const left = (this.end - Date.now()) / 1000;
    const words = left > 0 ? count("open.lease", minutes(left)) : say("open.lease.over");
    put("work-lease", words);
    put("failed-lease", words);
  }
}
