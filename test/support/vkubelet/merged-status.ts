type Status = Readonly<Record<string, unknown>>

/** What an API server makes of a report: conditions are merged by type, all else is replaced, and what is empty goes. */
export function mergedStatus(before: Status, patch: object): Record<string, unknown> {
  const { status } = patch as { status: Status & { conditions: readonly { type: string }[] } }
  const old = (before.conditions ?? []) as readonly { type: string }[]
  const kept = old.filter(({ type }) => !status.conditions.some((one) => one.type === type))
  const merged = { ...before, ...status, conditions: [...kept, ...status.conditions] }
  return JSON.parse(
    JSON.stringify(merged, (_, value) => (Array.isArray(value) && value.length === 0 ? undefined : value)),
  )
}
