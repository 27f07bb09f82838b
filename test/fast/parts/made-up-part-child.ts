import { registerHooks } from 'node:module'

/**
 * What the loops over the parts make of one that keel does not have (lantern.ts), as JSON: `node --import
 * bench/templates.ts` runs this with a list that is one part longer.
 */
const lantern = new URL('../../support/parts/lantern.ts', import.meta.url).href
registerHooks({
  load: (url, context, next) =>
    url.endsWith('/src/parts/index.ts')
      ? {
          format: 'module',
          shortCircuit: true,
          source: `import { parts as listed } from '${url}?listed'
import { lantern } from '${lantern}'
export const parts = [...listed, lantern]`,
        }
      : next(url, context),
})

const { verifyScript } = await import('../../../src/deploy/host/verify-script.ts')
const { questionsFor } = await import('../../../src/fleet/survey.ts')
const { makePlan } = await import('../../../src/plan/make-plan.ts')
const { factsScript } = await import('../../../src/probes/facts-script.ts')
const { parseFacts } = await import('../../../src/probes/parse-facts.ts')
const { generatedFilesOf } = await import('../../../src/targets/generated-files.ts')
const { renderedOf } = await import('../../../src/targets/render.ts')
const { sampleCluster, sampleHost, sampleSurroundings } = await import('../../support/samples/sample-cluster.ts')
const { viewOf } = await import('../../support/samples/cluster-view.ts')
const { filesOf, sourcesOf } = await import('../../support/samples/sample-facts.ts')
const { factsText } = await import('../../support/samples/facts-text.ts')

const host = sampleHost({ name: 'ocean', nodeIPs: ['10.0.0.1'], firewall: { api: [] } })
const others = (['flatcar', 'nixos'] as const).map((os) => sampleHost({ name: os, os, firewall: { api: [] } }))
const cluster = sampleCluster([host, ...others])
const rendered = filesOf(renderedOf(cluster, host, sampleSurroundings))
const questions = questionsFor(rendered)
const factsWith = (unit: string) => parseFacts(host.name, factsText({ lantern: unit }), questions)
const facts = factsWith('ActiveState=inactive\nUnitFileState=masked\nNeedDaemonReload=yes')
const sources = sourcesOf({ 'k3s-agent-token': 'a' })
const { hosts: plans, refusals } = makePlan(viewOf(cluster, [{ host, rendered, facts, sources }]))
const generated = generatedFilesOf(cluster, sampleSurroundings)

console.log(
  JSON.stringify({
    files: rendered.files.map(({ path }) => path),
    firewall: rendered.files.find(({ path }) => path === '/etc/keel/firewall.nft')?.content,
    generated: others.map((one) => generated(one)[0]?.text),
    questions: factsScript(questions),
    plan: plans[0]?.operations,
    refusals,
    garbled: faultOf(() => factsWith('ActiveState=\u001b[31m')),
    verification: verifyScript({ rendered, patience: 60 }),
  }),
)

function faultOf(work: () => unknown): string {
  try {
    work()
    return ''
  } catch (error) {
    return String(error)
  }
}
