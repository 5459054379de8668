import type { JSX } from "preact";

interface Props {
  label: string;
  value: string;
  /** Values and what they are called. */
  options: [string, string][];
  onChange: (value: string) => void;
}

/** One of a few. */
export function Choice({ label, value, options, onChange }: Props): JSX.Element {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={(e) => onChange(e.currentTarget.value)}>
        {options.map(([v, name]) => <option key={v} value={v}>{name}</option>)}
      </select>
    </label>
  );
}
