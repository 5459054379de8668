/** Conditions that work for most. They name no field of the data, which nobody knows here. */
export const deadExamples = [
  'dead.reason == "status-422"',
  'dead.detail.contains("timeout")',
  'event.type == "order.placed" && dead.attempts > 3',
  'dead.lastAt > timestamp("2026-01-01T00:00:00Z")',
  'has(event.subject) && event.subject.startsWith("customer-")',
];
