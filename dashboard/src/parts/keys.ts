/** The arrow keys go from row to row of a list. */
export function moveFocus(e: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (!step || !(e.target instanceof HTMLElement) || !(e.currentTarget instanceof HTMLElement)) return;
  const rows = [...e.currentTarget.querySelectorAll<HTMLElement>("a.row")];
  const at = rows.findIndex((row) => row.parentElement?.contains(e.target as HTMLElement));
  const next = rows[at + step];
  if (at < 0 || !next) return;
  e.preventDefault();
  next.focus();
}
