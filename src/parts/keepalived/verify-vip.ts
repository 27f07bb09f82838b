import { sh } from '../../templates/shell-quote.ts'
import type { PlacedVip } from './place-vip.ts'

/**
 * Waits until this server can take the address before the next server changes, so that a node that joins next finds the
 * address.
 */
export function verifyVip({ address, program, manager }: PlacedVip): string {
  return sh`vip_ready() {
  systemctl is-active --quiet -- ${manager} && [ "$(${program} status | sed -n 's/^fit=//p')" = yes ] &&
    timeout 1 bash -c ': < /dev/tcp/'${address}/6443 2>/dev/null
}
vip_late() { printf '%s' ${`this server was not fit for ${address}, or the address did not answer,`}; }
until_true ${`this server to be fit for ${address}, and the address to answer`} vip_ready vip_late`
}
