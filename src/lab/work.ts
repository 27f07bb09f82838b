/** What every effect of the lab gets: where to cache what is costly, where to report, and when to stop. */
export interface Work {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cache: string
  readonly note: (text: string) => void
  readonly signal: AbortSignal
}
