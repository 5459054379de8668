import { api } from "../api";
import type { Dead, DeadResult } from "../model";
import { shell } from "../text";

/** A dead letter by its name. */
export interface Place {
  subscription: string;
  position: string;
}

/** Which dead letters a change is about: those that were ticked, or all of some subscriptions that a condition chooses. */
export type Scope = { kind: "ticked"; places: Place[] } | { kind: "matching"; subscriptions: string[]; where: string };

export type Verb = "replay" | "discard";
export type Target = "subscription" | "topic";

/** What a change would do to one subscription. The positions are fixed: what dies later is not among them. */
export interface Part {
  subscription: string;
  positions: string[];
  missing: string[];
  receivers: string[];
}

export const keyOf = (d: Pick<Dead, "subscription" | "position">): string => `${d.subscription}/${d.position}`;

// So many positions fit into one request.
const chunk = 5_000;

/** A dry run: which dead letters it would be. */
export async function plan(verb: Verb, scope: Scope, to: Target): Promise<Part[]> {
  const names = scope.kind === "ticked" ? [...new Set(scope.places.map((p) => p.subscription))] : scope.subscriptions;
  const parts: Part[] = [];
  for (const subscription of names) {
    const part: Part = { subscription, positions: [], missing: [], receivers: [] };
    const target = verb === "replay" ? { to } : {};
    const add = (r: DeadResult): void => {
      part.positions.push(...r.positions);
      part.missing.push(...r.missing);
      part.receivers = r.receivers ?? [];
    };
    if (scope.kind === "ticked") {
      const positions = scope.places.filter((p) => p.subscription === subscription).map((p) => p.position);
      for (let at = 0; at < positions.length; at += chunk) add(await api.changeDead(verb, { subscription, positions: positions.slice(at, at + chunk), dryRun: true, ...target }));
    } else {
      const which = scope.where ? { where: scope.where } : { all: true };
      let last: DeadResult | undefined;
      do {
        const on = last?.next ? { after: last.next, ...(last.until ? { until: last.until } : {}) } : {};
        add((last = await api.changeDead(verb, { subscription, ...which, ...on, dryRun: true, ...target })));
      } while (last.next);
    }
    if (part.positions.length + part.missing.length > 0) parts.push(part);
  }
  return parts;
}

/** Carries out what was planned, and nothing else. `onStep` says how many are done. */
export async function carryOut(verb: Verb, parts: Part[], to: Target, onStep: (done: number) => void): Promise<{ done: number; missing: number }> {
  const sum = { done: 0, missing: 0 };
  for (const part of parts) {
    for (let at = 0; at < part.positions.length; at += chunk) {
      const result = await api.changeDead(verb, { subscription: part.subscription, positions: part.positions.slice(at, at + chunk), ...(verb === "replay" ? { to } : {}) });
      sum.done += result.positions.length;
      sum.missing += result.missing.length;
      onStep(sum.done);
    }
  }
  return sum;
}

/** The same as commands, for those who would rather write them down. */
export function commands(verb: Verb, scope: Scope, parts: Part[], to: Target): string {
  const end = verb === "replay" && to === "topic" ? " --to topic" : "";
  return parts
    .map((part) => {
      const which = scope.kind === "ticked" ? part.positions.join(" ") : scope.where ? `--where ${shell(scope.where)}` : "--all";
      return `weft dead ${verb} -s ${shell(part.subscription)} ${which}${end}`;
    })
    .join("\n");
}
