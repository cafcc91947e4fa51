// The service's refusals, as the wire contract names them.

export type Code =
  | "bad_request" | "not_age" | "gone" | "not_found" | "method" | "incomplete" | "conflict"
  | "length_required" | "too_large" | "unsupported" | "range" | "busy" | "internal" | "locked"
  | "full" | "not_allowed"
  | "protocol" // an answer that makes no sense
  | "swapped"; // keys that are not those of the inbox's address

export class ApiError extends Error {
  constructor(
    readonly code: Code,
    readonly retryAfter = 0,
  ) {
    super(`service: ${code}`);
    this.name = "ApiError";
  }
}

const byStatus: Record<number, Code> = {
  400: "bad_request", 403: "gone", 404: "not_found", 405: "method", 409: "conflict",
  411: "length_required", 413: "too_large", 415: "unsupported", 416: "range", 429: "busy",
  500: "internal", 502: "internal", 503: "locked", 504: "internal", 507: "full",
};

/** Reads a refusal. The code in the body only refines the status, and the message is for
 * programmers: it is neither shown nor kept. */
export async function refusal(answer: Response): Promise<ApiError> {
  const retryAfter = Number(answer.headers.get("Retry-After")) || 0;
  let code = byStatus[answer.status] ?? "protocol";
  const named = await answer.json().then((j: { code?: unknown }) => j.code, () => undefined);
  if (answer.status === 400 && named === "not_age") code = "not_age";
  if (answer.status === 403 && named === "not_allowed") code = "not_allowed";
  if (answer.status === 409 && named === "incomplete") code = "incomplete";
  return new ApiError(code, retryAfter);
}
