import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { subscriptions } from "../live";
import { Choice } from "../parts/Choice";
import { Note } from "../parts/Note";
import { go, type Route } from "../route";
import { useValue } from "../value";
import { ChangeDialog } from "./ChangeDialog";
import { DeadDetail } from "./DeadDetail";
import { DeadGroupList } from "./DeadGroupList";
import { DeadList } from "./DeadList";
import type { Scope, Verb } from "./scope";

/** What a part of the page needs of the whole. */
export interface DeadContext {
  subscription: string;
  where: string;
  /** The subscriptions that have dead letters, of those that are looked at. */
  affected: string[];
  /** How many there are, as the live connection says; it changes when there are more or less. */
  total: number;
  /** Grows after each change, so that lists are read again. */
  turn: number;
  open: string | undefined;
  query: Record<string, string>;
  change: (verb: Verb, scope: Scope) => void;
  search: (where: string) => void;
}

export function DeadPage({ route }: { route: Route }): JSX.Element {
  const all = useValue(subscriptions) ?? [];
  const [asked, setAsked] = useState<{ verb: Verb; scope: Scope } | null>(null);
  const [said, setSaid] = useState("");
  const [turn, setTurn] = useState(0);
  const { subscription = "", where = "", by = "" } = route.query;
  const [, name, position] = route.path;
  const affected = all.filter((s) => s.dead > 0 && (subscription === "" || s.name === subscription));
  const set = (changed: Record<string, string>): void => go(["dead"], { ...route.query, ...changed });
  const context: DeadContext = {
    subscription,
    where,
    affected: affected.map((s) => s.name),
    total: affected.reduce((sum, s) => sum + s.dead, 0),
    turn,
    open: name && position ? `${name}/${position}` : undefined,
    query: route.query,
    change: (verb, scope) => setAsked({ verb, scope }),
    search: (text) => set({ where: text, by: "" }),
  };
  const known = all.map((s): [string, string] => [s.name, s.dead ? `${s.name} (${s.dead})` : s.name]);
  const names: [string, string][] = [["", "All"], ...known, ...(subscription && !known.some(([n]) => n === subscription) ? [[subscription, subscription] as [string, string]] : [])];
  const chooser = <Choice label="Subscription" value={subscription} options={names} onChange={(s) => set({ subscription: s })} />;

  return (
    <section class={`page ${context.open ? "split" : ""}`}>
      <div class="first">
        <div class="title-line">
          <h1>Dead letters</h1>
          <div class="switch" role="group" aria-label="How to list them">
            <button type="button" aria-pressed={by !== "cause"} onClick={() => set({ by: "" })}>One by one</button>
            <button type="button" aria-pressed={by === "cause"} onClick={() => set({ by: "cause" })}>By cause</button>
          </div>
        </div>
        {said && <Note kind="good" title={said} onClose={() => setSaid("")} />}
        {by === "cause" ? <DeadGroupList context={context} chooser={chooser} /> : <DeadList context={context} chooser={chooser} />}
      </div>
      {context.open && <DeadDetail key={context.open} subscription={name!} position={position!} context={context} onChanged={() => setTurn(turn + 1)} />}
      {asked && (
        <ChangeDialog
          {...asked}
          onClose={(done) => {
            setAsked(null);
            if (!done) return;
            setSaid(done);
            setTurn(turn + 1);
            if (context.open) go(["dead"], route.query);
          }}
        />
      )}
    </section>
  );
}
