import { signOut, token } from "./session";
import type * as Model from "./model";

/** An answer that is none: a problem as RFC 9457 has it, or nothing at all (status 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
  ) {
    super(detail);
  }
}

/** Sends a request with the token. An answer of 401 signs out, unless another token has been given meanwhile. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const used = token.now;
  let response: Response;
  try {
    response = await fetch(`api/${path}`, { ...init, cache: "no-store", headers: { ...init.headers, Authorization: `Bearer ${used ?? ""}` } });
  } catch (e) {
    if (init.signal?.aborted) throw e;
    throw new Problem(0, "Weft does not answer", "Nothing answers at this address. Either the process has stopped, or the network does not let this page through.");
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.status === 401 && token.now === used) signOut("The token is not known here, or not any more.");
  throw problem;
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const body = (await response.json()) as { title?: string; detail?: string };
    return new Problem(response.status, body.title ?? `Answer ${response.status}`, body.detail ?? "The answer says no more.");
  } catch {
    return new Problem(response.status, `Answer ${response.status}`, "The answer is not one of Weft. Is there something between this page and the process?");
  }
}

type Query = Record<string, string | undefined>;

function path(...parts: string[]): string {
  return parts.map(encodeURIComponent).join("/");
}

async function get<T>(where: string, query: Query, signal: AbortSignal): Promise<T> {
  const filled = Object.entries(query).filter((q): q is [string, string] => !!q[1]);
  const response = await send(filled.length ? `${where}?${new URLSearchParams(filled)}` : where, { signal });
  return (await response.json()) as T;
}

async function change<T>(method: string, where: string, body: unknown): Promise<T> {
  const response = await send(where, { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  return (await response.json()) as T;
}

export const api = {
  config: (signal: AbortSignal) => get<Model.Config>("config", {}, signal),
  topics: (signal: AbortSignal) => get<Model.Topic[]>("topics", {}, signal),
  dead: (query: Query, signal: AbortSignal) => get<Model.Page<Model.Dead>>("dead", query, signal),
  deadGroups: (query: Query, signal: AbortSignal) => get<Model.DeadGroups>("dead/groups", query, signal),
  deadOne: (subscription: string, position: string, signal: AbortSignal) => get<Model.Dead>(path("dead", subscription, position), {}, signal),
  editDead: (subscription: string, position: string, edit: Model.DeadEdit) => change<Model.Dead>("PUT", path("dead", subscription, position), edit),
  changeDead: (verb: "replay" | "discard", request: Model.DeadRequest) => change<Model.DeadResult>("POST", `dead/${verb}`, request),
  messages: (query: Query, signal: AbortSignal) => get<Model.Page<Model.Message>>("messages", query, signal),
  message: (topic: string, position: string, signal: AbortSignal) => get<Model.Message>(path("messages", topic, position), {}, signal),
  trace: (topic: string, position: string, signal: AbortSignal) => get<Model.Trace>(`${path("messages", topic, position)}/trace`, {}, signal),
};
