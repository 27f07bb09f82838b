import type { Probe } from '../../model/probe.ts'
import { sh } from '../../templates/shell-quote.ts'

/** Whether the host has an address. */
export const addressHeld: Probe<string, boolean> = {
  name: 'address-held',
  script: (address) => sh`[ -z "$(ip -oneline address show to ${address} 2>/dev/null)" ] || printf 'held\n'`,
  parse: (stdout) => stdout.trim() === 'held',
}
