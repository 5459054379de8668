import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, type Problem } from "../api";
import { problemOf } from "../load";
import type { Dead, DeadEdit } from "../model";
import { isJson, pretty } from "../text";

// What an event cannot change: subscribers know it by its id.
const fixed = ["id", "specversion"];
// What an event cannot do without.
const needed = ["source", "type"];

interface Row {
  name: string;
  value: string;
  isNew: boolean;
}

/** Changes data and attributes of a dead letter. Only what was changed is sent. */
export function DeadEditor({ dead, onClose }: { dead: Dead; onClose: (changed: boolean) => void }): JSX.Element {
  const was = dead.dataBase64 ?? dead.data ?? "";
  const isBase64 = dead.dataBase64 !== undefined;
  const [data, setData] = useState(was);
  const [rows, setRows] = useState<Row[]>(Object.entries(dead.attributes ?? {}).filter(([n]) => !fixed.includes(n)).map(([name, value]) => ({ name, value, isNew: false })));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const shouldBeJson = !isBase64 && /[/+]json\b/.test(rows.find((r) => r.name === "datacontenttype")?.value ?? "");
  const isBroken = shouldBeJson && data.trim() !== "" && !isJson(data);
  const edit = editOf(dead, data === was ? undefined : data, rows);
  const hasChanges = Object.keys(edit).length > 0;

  const save = async (e: Event): Promise<void> => {
    e.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await api.editDead(dead.subscription, dead.position, edit);
      onClose(true);
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  const put = (at: number, changed: Partial<Row>): void => setRows(rows.map((r, i) => (i === at ? { ...r, ...changed } : r)));

  return (
    <form class="editor" onSubmit={save}>
      <h2>Edit {dead.type} <span class="id">{dead.id}</span></h2>
      <p class="help">The original is kept beside it, and it keeps its id. Nothing is delivered before you replay it.</p>
      <label class="block">
        <span>Data{isBase64 ? " (base64)" : ""}</span>
        <textarea rows={14} spellcheck={false} value={data} aria-invalid={isBroken} aria-describedby="data-error" onInput={(e) => setData(e.currentTarget.value)} />
      </label>
      <p id="data-error" class="field-error" role="alert">{isBroken ? "This is not JSON yet, and datacontenttype says that it is." : ""}</p>
      {shouldBeJson && <button type="button" class="quiet" disabled={isBroken} onClick={() => setData(pretty(data) ?? data)}>Format</button>}
      <fieldset>
        <legend>Attributes</legend>
        {rows.map((r, i) => (
          <div class="attribute" key={i}>
            {r.isNew
              ? <input type="text" aria-label="Name of the new attribute" placeholder="name" value={r.name} spellcheck={false} autocapitalize="off" onInput={(e) => put(i, { name: e.currentTarget.value })} />
              : <span class="name">{r.name}</span>}
            <input type="text" aria-label={r.name ? `Value of ${r.name}` : "Value of the new attribute"} value={r.value} spellcheck={false} onInput={(e) => put(i, { value: e.currentTarget.value })} />
            {!needed.includes(r.name) && <button type="button" class="quiet" aria-label={`Remove ${r.name || "the new attribute"}`} onClick={() => setRows(rows.filter((_, j) => j !== i))}>Remove</button>}
          </div>
        ))}
        <button type="button" class="quiet" onClick={() => setRows([...rows, { name: "", value: "", isNew: true }])}>Add an attribute</button>
      </fieldset>
      {problem && <div class="state failure" role="alert"><h3>{problem.title}</h3><pre>{problem.message}</pre></div>}
      <div class="buttons">
        <button type="button" onClick={() => onClose(false)}>Cancel</button>
        <button type="submit" class="primary" disabled={isBusy || !hasChanges}>{isBusy ? "Saving …" : "Save"}</button>
      </div>
    </form>
  );
}

function editOf(dead: Dead, data: string | undefined, rows: Row[]): DeadEdit {
  const before = dead.attributes ?? {};
  const attributes: Record<string, string | null> = {};
  for (const name of Object.keys(before)) if (!fixed.includes(name) && !rows.some((r) => r.name === name)) attributes[name] = null;
  for (const r of rows) if (r.name.trim() && before[r.name.trim()] !== r.value) attributes[r.name.trim()] = r.value;
  return {
    ...(data === undefined ? {} : dead.dataBase64 !== undefined ? { dataBase64: data.trim() } : { data }),
    ...(Object.keys(attributes).length ? { attributes } : {}),
  };
}
