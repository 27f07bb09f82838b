import { madeByKeel } from '../../model/made-by-keel.ts'
import { template } from '../../templates/template.ts'
import type { Placement } from '../part.ts'
import { rootFile } from '../root-file.ts'
import type { TextOf } from '../shared-text.ts'
import type { Firewall } from './firewall.ts'
import { firewallTable } from './firewall-table.ts'
import unitTemplate from './keel-firewall.service.hbs'
import { loadedRecord } from './loaded-record.ts'
import { nftFile } from './nft-table.ts'

export interface PlacedFirewall {
  /** Loads the rules at every boot, and when it is reloaded. */
  readonly unit: string
  /** The file that holds them. */
  readonly rules: string
}

const placed: PlacedFirewall = { unit: 'keel-firewall.service', rules: '/etc/keel/firewall.nft' }
const unitText = template<Record<'rules' | 'recording', string>>(unitTemplate)

/** A host's firewall as files: the same on every system that has systemd and nft. */
export function placeFirewall(firewall: Firewall, textOf: TextOf): Placement<PlacedFirewall> {
  return {
    files: [
      rootFile(placed.rules, '0644', textOf(firewall, rulesText)),
      rootFile(
        `/etc/systemd/system/${placed.unit}`,
        '0644',
        unitText({ rules: placed.rules, recording: loadedRecord.making }),
      ),
    ],
    placed,
  }
}

function rulesText(firewall: Firewall): string {
  return madeByKeel + nftFile(firewallTable(firewall))
}
