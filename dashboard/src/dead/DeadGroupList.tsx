import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import { useLoad } from "../load";
import type { DeadGroup, DeadGroups } from "../model";
import { Search } from "../parts/Search";
import { Empty, Failure, Loading } from "../parts/States";
import { Time } from "../parts/Time";
import { go } from "../route";
import { count, whereOfGroup } from "../text";
import type { DeadContext } from "./DeadPage";
import { deadExamples } from "./examples";

/** Dead letters by cause: what they have in common, and how many there are of each. */
export function DeadGroupList({ context, chooser }: { context: DeadContext; chooser: ComponentChildren }): JSX.Element {
  const { subscription, where } = context;
  const groups = useLoad((signal) => readAll(subscription, where, signal), [subscription, where]);
  useEffect(() => groups.reload(), [context.turn, context.total]);
  const isWrong = groups.problem?.status === 400 && where !== "";
  const all = groups.value;
  return (
    <>
      <Search where={where} examples={deadExamples} problem={groups.problem} whereErrors={all?.whereErrors} onSearch={(text) => go(["dead"], { ...context.query, where: text })}>{chooser}</Search>
      {isWrong ? null
        : groups.problem ? <Failure problem={groups.problem} onRetry={groups.reload} />
        : !all ? <Loading what="causes" />
        : all.groups.length === 0 ? <Empty title={where ? "Nothing matches" : "No dead letters"} />
        : <ul class="groups">{all.groups.map((g) => <Group key={`${g.subscription} ${g.reason} ${g.cause}`} g={g} context={context} />)}</ul>}
      {all?.next && <p class="help">Only the first {all.scanned.toLocaleString("en")} were looked at, so there may be more of each. Choose a subscription or a condition to see all.</p>}
    </>
  );
}

// A request looks at so many only; its counts are to be added up.
async function readAll(subscription: string, where: string, signal: AbortSignal): Promise<DeadGroups> {
  const most = 10;
  let all = await api.deadGroups({ subscription, where }, signal);
  for (let asked = 1; all.next && asked < most; asked++) {
    const more = await api.deadGroups({ subscription, where, after: all.next }, signal);
    const sum = new Map<string, DeadGroup>();
    for (const g of [...all.groups, ...more.groups]) {
      const key = JSON.stringify([g.subscription, g.reason, g.cause]);
      const had = sum.get(key);
      sum.set(key, had ? { ...had, count: had.count + g.count, firstAt: had.firstAt < g.firstAt ? had.firstAt : g.firstAt, lastAt: had.lastAt > g.lastAt ? had.lastAt : g.lastAt } : g);
    }
    all = { ...more, groups: [...sum.values()].sort((a, b) => b.count - a.count), scanned: all.scanned + more.scanned };
  }
  return all;
}

function Group({ g, context }: { g: DeadGroup; context: DeadContext }): JSX.Element {
  const where = whereOfGroup(g.reason, g.cause);
  const whole = context.where ? `(${context.where}) && ${where}` : where;
  const scope = { kind: "matching" as const, subscriptions: [g.subscription], where: whole };
  const name = `${g.reason} in ${g.subscription}`;
  return (
    <li>
      <span class="count" title={count(g.count, "dead letter")}>{g.count.toLocaleString("en")}</span>
      <div class="what">
        <p class="why"><span class="reason">{g.reason}</span> {g.cause}</p>
        <p class="where">{g.subscription} · first <Time at={g.firstAt} /> · last <Time at={g.lastAt} /></p>
      </div>
      <span class="right">
        <button type="button" aria-label={`Show ${name}`} onClick={() => go(["dead"], { subscription: g.subscription, where: whole })}>Show</button>
        <button type="button" aria-label={`Replay ${name}`} onClick={() => context.change("replay", scope)}>Replay …</button>
        <button type="button" aria-label={`Discard ${name}`} onClick={() => context.change("discard", scope)}>Discard …</button>
      </span>
    </li>
  );
}
