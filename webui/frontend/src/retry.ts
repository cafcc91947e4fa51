// Trying again over connections that break. Every operation of the API may be repeated, so
// an answer that was lost is simply asked for again.
import { ApiError } from "./errors";
import { Broken, stopped } from "./transport";

export interface Waiting {
  /** Failures in a row. */
  tries: number;
  seconds: number;
  /** "broken": no answer; "busy": asked to come later; "locked": the service has stopped. */
  why: "broken" | "busy" | "locked";
}

export interface Persist {
  signal?: AbortSignal | undefined;
  waiting?: ((w: Waiting) => void) | undefined;
  /** Called when an attempt has an answer after failures. */
  going?: (() => void) | undefined;
  /** Whether to wait while the service is locked, instead of failing at once. */
  throughLock?: boolean;
  /** Milliseconds of the first pause; tests shorten it. */
  pause?: number;
}

const longest = 30_000;

/** Repeats `attempt` until it succeeds, fails for good, or is stopped. It does not give up by
 * itself: the person decides, and what they wrote stays where it is. */
export async function persist<T>(attempt: () => Promise<T>, options: Persist): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      const result = await attempt();
      if (tries > 1) options.going?.();
      return result;
    } catch (e) {
      const wait = pauseFor(e, tries, options);
      if (!wait) throw e;
      options.waiting?.({ tries, seconds: Math.max(1, Math.round(wait.ms / 1000)), why: wait.why });
      await sleep(wait.ms, options.signal);
    }
  }
}

function pauseFor(e: unknown, tries: number, o: Persist): { ms: number; why: Waiting["why"] } | null {
  const first = o.pause ?? 1000;
  // Jitter keeps clients that broke together from coming back together.
  const ms = Math.min(longest, first * 2 ** Math.min(tries - 1, 10)) * (0.75 + Math.random() / 2);
  if (e instanceof Broken) return { ms, why: "broken" };
  if (!(e instanceof ApiError)) return null;
  const asked = Math.min(e.retryAfter * first, 120 * first);
  if (e.code === "busy") return { ms: Math.max(ms, asked), why: "busy" };
  if (e.code === "locked" && o.throughLock) return { ms: Math.max(ms, asked), why: "locked" };
  if (e.code === "internal" && tries < 5) return { ms, why: "broken" };
  return null;
}

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(stopped());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Waits for what does not hear of `signal` itself. */
export function unlessStopped<T>(waiting: Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    waiting.then(resolve, reject);
    const stop = () => reject(stopped());
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop);
  });
}
