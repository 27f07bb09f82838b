import type { Firewall } from '../../desired/firewall.ts'
import type { WantedFile } from '../../desired/host-state.ts'
import unitTemplate from '../../templates/systemd/keel-firewall.service.hbs'
import { template } from '../../templates/template.ts'
import type { PlacedFirewall } from '../rendered.ts'
import { firewallTable } from './firewall-table.ts'
import { nftFile } from './nft-table.ts'

const header = '# Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.\n'
const placed: PlacedFirewall = { unit: 'keel-firewall.service', rules: '/etc/keel/firewall.nft' }
const unitText = template<{ rules: string }>(unitTemplate)

/** A host's firewall as files: the same on every system that has systemd and nft. */
export function placeFirewall(firewall: Firewall | undefined): {
  readonly files: readonly WantedFile[]
  readonly firewall?: PlacedFirewall
} {
  if (firewall === undefined) return { files: [] }
  const file = (path: string, content: string): WantedFile => ({
    path,
    content,
    mode: '0644',
    owner: 'root',
    group: 'root',
    restartsK3s: false,
  })
  return {
    files: [
      file(placed.rules, rulesText(firewall)),
      file(`/etc/systemd/system/${placed.unit}`, unitText({ rules: placed.rules })),
    ],
    firewall: placed,
  }
}

const texts = new WeakMap<Firewall, string>()

/** Made once for all hosts that share the value. */
function rulesText(firewall: Firewall): string {
  const text = texts.get(firewall) ?? header + nftFile(firewallTable(firewall))
  texts.set(firewall, text)
  return text
}
