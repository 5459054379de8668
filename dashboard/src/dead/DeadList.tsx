import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api";
import { usePages } from "../load";
import type { Dead } from "../model";
import { moveFocus } from "../parts/keys";
import { Search } from "../parts/Search";
import { Empty, Failure, Loading } from "../parts/States";
import { Time } from "../parts/Time";
import { href } from "../route";
import { count } from "../text";
import type { DeadContext } from "./DeadPage";
import { deadExamples } from "./examples";
import { keyOf, type Scope } from "./scope";

interface Props {
  context: DeadContext;
  chooser: ComponentChildren;
}

/** Dead letters one by one, to be ticked and opened. */
export function DeadList({ context, chooser }: Props): JSX.Element {
  const { subscription, where, turn, total } = context;
  const pages = usePages((after, signal) => api.dead({ subscription, where, after }, signal), [subscription, where]);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => setTicked(new Set()), [subscription, where, turn]);

  // The list follows the process as long as nothing is ticked in it; then it says that there is something new.
  const listed = useRef({ turn, total });
  const isOld = listed.current.total !== total;
  const reload = (): void => {
    listed.current = { turn, total };
    pages.reload();
  };
  useEffect(() => {
    if (listed.current.turn !== turn || (isOld && ticked.size === 0)) reload();
  }, [turn, total, ticked.size]);

  const isWrong = pages.problem?.status === 400;
  return (
    <>
      <Search where={where} examples={deadExamples} problem={pages.problem} whereErrors={pages.whereErrors} onSearch={context.search}>{chooser}</Search>
      {isOld && ticked.size > 0 && <p class="help" role="status">There are other dead letters by now. <button type="button" class="link" onClick={reload}>Show them</button></p>}
      {pages.problem && !isWrong ? <Failure problem={pages.problem} onRetry={pages.reload} />
        : isWrong ? (where ? null : <Failure problem={pages.problem!} />)
        : pages.items.length === 0 && pages.isLoading ? <Loading what="dead letters" />
        : pages.items.length === 0 && !pages.next ? <Nothing where={where} subscription={subscription} scanned={pages.scanned} />
        : <>
            <Toolbar context={context} items={pages.items} ticked={ticked} onTick={setTicked} />
            <ul class="list" onKeyDown={moveFocus}>
              {pages.items.map((d) => <Row key={keyOf(d)} d={d} context={context} isTicked={ticked.has(keyOf(d))} onTick={() => setTicked(toggled(ticked, keyOf(d)))} />)}
            </ul>
            <div class="end-of-list">
              <span class="help">{count(pages.items.length, "dead letter")} shown{pages.next ? `, ${pages.scanned.toLocaleString("en")} looked at` : "; that is all"}.</span>
              {pages.next && <button type="button" disabled={pages.isLoading} onClick={pages.more}>{pages.isLoading ? "Loading …" : "Show more"}</button>}
            </div>
          </>}
    </>
  );
}

function toggled(set: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(key)) next.add(key);
  return next;
}

function Nothing({ where, subscription, scanned }: { where: string; subscription: string; scanned: number }): JSX.Element {
  return where
    ? <Empty title="Nothing matches"><p>The condition holds for none of the {count(scanned, "dead letter")}{subscription && ` of ${subscription}`}.</p></Empty>
    : <Empty title="No dead letters"><p>{subscription ? `Everything that ${subscription} was given has been delivered or is tried again.` : "Everything has been delivered or is tried again."}</p></Empty>;
}

function Toolbar({ context, items, ticked, onTick }: { context: DeadContext; items: Dead[]; ticked: ReadonlySet<string>; onTick: (s: ReadonlySet<string>) => void }): JSX.Element {
  const places = items.filter((d) => ticked.has(keyOf(d)));
  const some = places.length > 0;
  const isAll = places.length === items.length;
  const scope: Scope = some ? { kind: "ticked", places } : { kind: "matching", subscriptions: context.affected, where: context.where };
  const what = some ? count(places.length, "ticked", "ticked") : context.where ? "all that match" : "all";
  return (
    <div class="toolbar">
      <label class="tick">
        <input type="checkbox" checked={some && isAll} ref={(box) => void (box && (box.indeterminate = some && !isAll))} onChange={() => onTick(some ? new Set() : new Set(items.map(keyOf)))} />
        <span>{some ? `${places.length} ticked` : "Tick all shown"}</span>
      </label>
      <span class="right">
        <button type="button" onClick={() => context.change("replay", scope)}>Replay {what} …</button>
        <button type="button" onClick={() => context.change("discard", scope)}>Discard {what} …</button>
      </span>
    </div>
  );
}

function Row({ d, context, isTicked, onTick }: { d: Dead; context: DeadContext; isTicked: boolean; onTick: () => void }): JSX.Element {
  const isOpen = context.open === keyOf(d);
  return (
    <li class={isOpen ? "open" : ""}>
      <input type="checkbox" checked={isTicked} onChange={onTick} aria-label={`Tick ${d.subscription} ${d.position}`} />
      <a class="row" href={href(["dead", d.subscription, d.position], context.query)} aria-current={isOpen ? "true" : undefined}>
        <span class="head"><strong>{d.type}</strong> <span class="id">{d.id}</span>{d.editedAt && <span class="chip">edited</span>}{d.replays && <span class="chip">replayed {d.replays}×</span>}</span>
        <span class="time"><Time at={d.lastAt} /></span>
        <span class="why"><span class="reason">{d.reason}</span> {d.detail}</span>
        <span class="where">{context.subscription ? "" : `${d.subscription} · `}{d.key ? `key ${d.key} · ` : ""}{count(d.attempts, "try", "tries")} · position {d.position}</span>
      </a>
    </li>
  );
}
