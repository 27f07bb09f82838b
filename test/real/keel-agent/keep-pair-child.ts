import { keepPair } from '../../../src/agent/operational/keep-pair.ts'
import type { Pem } from '../../support/agent/test-ca.ts'

/**
 * Says `begins`, stores one pair after the other until it is killed, and says `kept` after each.
 * Arguments: the folder, the pairs as JSON.
 */
const [folder = '', text = ''] = process.argv.slice(2)
const pairs: readonly Pem[] = JSON.parse(text)
process.stdout.write('begins\n')
for (;;)
  for (const { cert, key } of pairs) {
    const paths = { certificate: `${folder}/operational.pem`, key: `${folder}/operational.key` }
    await keepPair(paths, { certificate: cert, key })
    process.stdout.write('kept\n')
  }
