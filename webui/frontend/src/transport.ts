// One HTTP exchange. A circuit that breaks often just goes silent, so every exchange carries
// a watch that ends it when nothing has moved for a while; there is no limit on the total.

import { ApiError } from "./errors";
import { join } from "./format/bytes";

/** The exchange did not come to an answer: worth trying again. */
export class Broken extends Error {
  constructor() {
    super("no answer");
    this.name = "Broken";
  }
}

export interface Call {
  method: "GET" | "PUT" | "POST";
  path: string;
  headers?: Record<string, string>;
  body?: Uint8Array<ArrayBuffer>;
  signal?: AbortSignal | undefined;
  /** Leaves the answer's body to the caller, who watches over it. */
  stream?: boolean;
  /** Bytes of the body handed to the network so far. */
  sent?: ((bytes: number) => void) | undefined;
}

export type Transport = (call: Call) => Promise<Response>;

export const silence = 60_000;

/** No answer that is taken whole is larger: a notebook of four mebibytes, in frames. A service
 * that sends without an end must not fill the memory of the device. */
const largest = 5 << 20;

/** Runs `work` with a signal that fires after `silence` without a call of `alive`. */
export async function watched<T>(
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal, alive: () => void) => Promise<T>,
): Promise<T> {
  if (outer?.aborted) throw stopped(); // a signal tells of it once, and work may come too late to hear that
  const own = new AbortController();
  const stop = () => own.abort();
  let timer = setTimeout(stop, silence);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(stop, silence);
  };
  outer?.addEventListener("abort", stop);
  try {
    return await work(own.signal, alive);
  } catch (e) {
    if (outer?.aborted) throw stopped();
    if (e instanceof TypeError || e instanceof Broken || own.signal.aborted) throw new Broken();
    throw e;
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", stop);
  }
}

/** What becomes of what the person stopped. */
export function stopped(): DOMException {
  return new DOMException("stopped", "AbortError");
}

/** An answer out of its parts. Not every status that a service can send is one of a Response,
 * and not every one has a body. */
export function response(body: BodyInit | null, status: number, headers: HeadersInit): Response {
  try {
    return new Response(body, { status, headers });
  } catch {
    throw new ApiError("protocol");
  }
}

/** Settings of every request. The mode stays "cors": with "same-origin" and no referrer,
 * browsers send "Origin: null", which the service refuses. No redirect is followed. */
const rules: RequestInit = {
  credentials: "omit",
  redirect: "error",
  referrerPolicy: "no-referrer",
  cache: "no-store",
};

export function fetchTransport(base: string): Transport {
  return (call) =>
    watched(call.signal, async (signal, alive) => {
      const answer = await fetch(base + call.path, {
        ...rules,
        method: call.method,
        headers: call.headers ?? {},
        body: call.body ?? null,
        signal,
      });
      return call.stream ? answer : drained(answer, alive);
    });
}

/** Reads the whole body under the watch: a circuit may break in the middle of an answer. */
async function drained(answer: Response, alive: () => void): Promise<Response> {
  const chunks: Uint8Array[] = [];
  const reader = answer.body?.getReader();
  let size = 0;
  for (let n = await reader?.read(); n && !n.done; n = await reader?.read()) {
    alive();
    chunks.push(n.value);
    size += n.value.length;
    if (size > largest) {
      void reader!.cancel().catch(() => undefined);
      throw new ApiError("protocol");
    }
  }
  const body = join(chunks);
  if (body.length < announced(answer.headers)) throw new Broken();
  return response(answer.status === 204 ? null : body, answer.status, answer.headers);
}

/** The size that a body was to have: Firefox takes one for whole whose connection ended early. */
export function announced(headers: Headers): number {
  return Number(headers.get("Content-Length")) || 0;
}

/** fetch tells nothing while a body goes out, and four mebibytes take minutes over a poor
 * circuit; XMLHttpRequest does. Everything without a body goes through fetch, and what is
 * answered by a stream. */
export function browserTransport(base: string): Transport {
  const plain = fetchTransport(base);
  return (call) =>
    call.body === undefined || call.stream
      ? plain(call)
      : watched(call.signal, (signal, alive) => put(base, call, signal, alive));
}

function put(base: string, call: Call, signal: AbortSignal, alive: () => void): Promise<Response> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(call.method, base + call.path);
    xhr.responseType = "arraybuffer";
    for (const [k, v] of Object.entries(call.headers ?? {})) xhr.setRequestHeader(k, v);
    xhr.upload.onprogress = (e) => {
      alive();
      call.sent?.(e.loaded);
    };
    xhr.onerror = xhr.onabort = xhr.ontimeout = () => reject(new Broken());
    xhr.onprogress = (e) => {
      alive();
      if (e.loaded <= largest) return;
      reject(new ApiError("protocol"));
      xhr.abort();
    };
    xhr.onload = () => {
      const body = xhr.response as ArrayBuffer;
      if (body.byteLength < Number(xhr.getResponseHeader("Content-Length"))) return reject(new Broken());
      const retry = xhr.getResponseHeader("Retry-After");
      const headers: Record<string, string> = retry === null ? {} : { "Retry-After": retry };
      try {
        resolve(response(xhr.status === 204 ? null : body, xhr.status, headers));
      } catch (e) {
        reject(e); // what is thrown in here, nobody hears
      }
    };
    signal.addEventListener("abort", () => xhr.abort());
    xhr.send(call.body);
  });
}
