// Reading what the service refuses, which is short or no refusal.
import { ApiError, type Code } from "./errors";
import { Broken, watched } from "./transport";

const byStatus: Record<number, Code> = {
  400: "bad_request", 403: "gone", 404: "not_found", 405: "method", 409: "conflict",
  411: "length_required", 413: "too_large", 415: "unsupported", 416: "range", 429: "busy",
  500: "internal", 502: "internal", 503: "locked", 504: "internal", 507: "full",
};

const longest = 4096;

/** Reads a refusal. The code in the body only refines the status, and the message is for
 * programmers: it is neither shown nor kept. */
export async function refusal(answer: Response, outer?: AbortSignal): Promise<ApiError> {
  const retryAfter = Number(answer.headers.get("Retry-After")) || 0;
  let code = byStatus[answer.status] ?? "protocol";
  const named = codeIn(await brief(answer, outer));
  if (answer.status === 400 && named === "not_age") code = "not_age";
  if (answer.status === 403 && named === "not_allowed") code = "not_allowed";
  if (answer.status === 409 && (named === "incomplete" || named === "replaced")) code = named;
  return new ApiError(code, retryAfter);
}

/** The code that a refusal names, if it is JSON that names one. */
export function codeIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { code?: unknown } | null)?.code;
  } catch {
    return undefined;
  }
}

/** A short text. An answer that is taken as a stream comes here without a bound and unwatched:
 * it may have no end, or never come. */
export async function brief(answer: Response, outer?: AbortSignal): Promise<string> {
  const reader = answer.body?.getReader();
  const leave = () => void reader?.cancel().catch(() => undefined);
  if (outer?.aborted) leave();
  const decoder = new TextDecoder();
  let text = "";
  return watched(outer, async (signal) => {
    signal.addEventListener("abort", leave);
    for (let n = await reader?.read(); n && !n.done; n = await reader?.read()) {
      text += decoder.decode(n.value, { stream: true });
      if (text.length <= longest) continue;
      leave();
      throw new ApiError("protocol");
    }
    if (signal.aborted) throw new Broken(); // whose reading ends as if it had all come
    return text;
  });
}
