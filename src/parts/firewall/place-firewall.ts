import type { WantedFile } from '../../desired/host-state.ts'
import type { PlacedFirewall } from '../../targets/rendered.ts'
import unitTemplate from '../../templates/systemd/keel-firewall.service.hbs'
import { template } from '../../templates/template.ts'
import type { Firewall } from './firewall.ts'
import { firewallTable } from './firewall-table.ts'
import { nftFile } from './nft-table.ts'

const header = '# Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.\n'
const placed: PlacedFirewall = { unit: 'keel-firewall.service', rules: '/etc/keel/firewall.nft' }
const unitText = template<{ rules: string }>(unitTemplate)

/** A firewall's rules, as nft reads them. */
export type RulesText = (firewall: Firewall) => string

/** A host's firewall as files: the same on every system that has systemd and nft. */
export function placeFirewall(
  firewall: Firewall | undefined,
  textOf: RulesText,
): {
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
  })
  return {
    files: [file(placed.rules, textOf(firewall)), file(`/etc/systemd/system/${placed.unit}`, unitText({ rules: placed.rules }))],
    firewall: placed,
  }
}

export function rulesText(firewall: Firewall): string {
  return header + nftFile(firewallTable(firewall))
}

/** The same for the hosts of a cluster: those that share the value share the text, which names every node. */
export function sharedRules(): RulesText {
  const texts = new Map<Firewall, string>()
  return (firewall) => {
    const text = texts.get(firewall) ?? rulesText(firewall)
    texts.set(firewall, text)
    return text
  }
}
