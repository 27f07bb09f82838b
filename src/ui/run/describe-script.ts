import type { ScriptEntry } from './lines.ts'

/** What `-v` shows of a script that has ended: `ocean: facts (0.31 s)`. */
export function describeScript({ host, script, seconds, status, fault }: ScriptEntry): string {
  const time = `${seconds.toFixed(2)} s`
  if (fault !== undefined) return `${host}: ${script} (${fault} after ${time})`
  return `${host}: ${script} (${time}${status === 0 ? '' : `, exit ${status}`})`
}

/** What `-vv` shows of a script when it begins: its text, each line marked, so that none looks like one of keel's. */
export function describeText(host: string, script: string, text: string): string {
  const lines = text.trimEnd().split('\n')
  return [`${host}: ${script} begins`, ...lines.map((line) => `  | ${line}`)].join('\n')
}
