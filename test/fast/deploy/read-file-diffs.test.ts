import { expect, test } from 'vitest'
import { planCluster } from '../../../src/deploy/plan-cluster.ts'
import { readFileDiffs } from '../../../src/deploy/read-file-diffs.ts'
import { plainText } from '../../../src/model/text/styled-text.ts'
import { fakeFleet } from '../../support/hosts/fake-fleet.ts'
import { runningText } from '../../support/samples/facts-text.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'

const config = '/etc/rancher/k3s/config.yaml'
const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const facts = runningText('server', undefined, {
  'path-states': `${config}\tfile\t600\troot\troot\n${config}\tsha256\t${'d'.repeat(64)}`,
})

/** A plan with one file that differs. `onRead`: when the host is asked for it. */
const plan = (onRead: () => void) =>
  planCluster(
    fakeFleet(sampleCluster([ocean]), {
      ocean: (script) => {
        if (script.includes('facts()')) return facts
        onRead()
        return `${config}\ttext\t${Buffer.from('max-pods: 77\n').toString('base64')}\n`
      },
    }).request,
  )

test('the diff of each file that differs', async () => {
  await using planned = await plan(() => {})
  const diffs = await readFileDiffs(planned, new AbortController().signal)
  expect(plainText(diffs.get(ocean.name)?.get(config) ?? [])).toContain('-max-pods: 77')
})

test('attack 6: a signal arrives before the next file is compared, however long each of them takes', async () => {
  const controller = new AbortController()
  const reason = new Error('Ctrl-C')
  // as a signal of the terminal: not before keel lets the event loop turn
  await using planned = await plan(() => void setImmediate(() => controller.abort(reason)))
  await expect(readFileDiffs(planned, controller.signal)).rejects.toBe(reason)
})
