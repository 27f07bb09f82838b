import type { NodeReport } from './node-report.ts'

/** What /etc/os-release says (os-release(5)): the values are quoted as in a shell, and none of ours contains a quote. */
export function systemOf(text: string): NodeReport['system'] {
  const settingOf = (key: string) =>
    new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1]?.replace(/^(["'])(.*)\1$/, '$2') ?? ''
  return { id: settingOf('ID'), version: settingOf('VERSION_ID'), name: settingOf('PRETTY_NAME') }
}
