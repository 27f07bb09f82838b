import { execa } from 'execa'
import { expect, it } from 'vitest'
import { questionsFor } from '../../../src/fleet/survey.ts'
import { askedUnits, unitState } from '../../../src/parts/unit-state.ts'
import { runningProgram } from '../../../src/probes/distribution/running-program.ts'
import { factsScript } from '../../../src/probes/facts-script.ts'
import { parseFacts } from '../../../src/probes/parse-facts.ts'
import { factsAnswer } from '../../support/samples/facts-answer.ts'
import { twoServices } from '../../support/samples/two-services.ts'

const questions = questionsFor(twoServices)

it('each service is asked for, and the last one for what the node runs', async () => {
  const script = factsScript(questions)
  expect((await execa('bash', ['-n'], { input: script })).exitCode).toBe(0)
  const asked = [
    ...script.matchAll(/systemctl show --property=ActiveState,UnitFileState,NeedDaemonReload -- (.*)\)$/gm),
  ]
  expect(asked.map(([, units]) => units)).toEqual(['containerd.service kubelet.service'])
  expect(script).toMatch(/^unit=kubelet\.service$/m)
  expect(script).toMatch(/^began=\$\(unit_state kubelet\.service ActiveState\)$/m)
})

it('systemd is asked once for all units, and each gets its own answer', async () => {
  const paragraphs =
    'UnitFileState=enabled\nActiveState=active\nNeedDaemonReload=no\n\nActiveState=failed\nNeedDaemonReload=yes\n'
  const units = ['a.service', 'b@x.service']
  const { stdout } = await execa('bash', [
    '-euc',
    `asked=$(mktemp); systemctl() { printf '%s\\n' "$*" >> "$asked"; printf '%s' '${paragraphs}'; }
${askedUnits(units)}
unit_state a.service ActiveState UnitFileState
${unitState.script('b@x.service')}
prefix=c. unit_state c.service ActiveState
cat "$asked"; rm "$asked"`,
  ])
  expect(stdout.split('\n')).toEqual([
    ...['ActiveState=active', 'UnitFileState=enabled'],
    ...['ActiveState=failed', 'UnitFileState=', 'NeedDaemonReload=yes'],
    'c.ActiveState=',
    'show --property=ActiveState,UnitFileState,NeedDaemonReload -- a.service b@x.service',
  ])
})

it('a quick question starts no program for what only a deploy, a refusal or a note needs', () => {
  const { foreign: _, ...asked } = questions
  const script = factsScript({ ...asked, quick: { contents: {} } })
  expect(script).not.toMatch(/--version|\bip -|probe (?:host-system|run|node-marks|digest)/)
  expect(script.match(/systemctl/g)).toHaveLength(1)
  const answer = factsAnswer(
    Object.fromEntries(
      ['containerd', 'kubelet'].flatMap((name) => [
        [`unit-state ${name}.service`, 'ActiveState=active\n'],
        [`drop-ins ${name}.service`, ''],
      ]),
    ),
  )
  expect(parseFacts(twoServices.host, answer, { ...questions, quick: { contents: {} } })).not.toHaveProperty('digest')
})

it('each answer goes to its service, whatever the order it comes in', () => {
  const answer = factsAnswer({
    'unit-state kubelet.service': 'ActiveState=failed\nUnitFileState=enabled\n',
    'drop-ins kubelet.service': '',
    'unit-state containerd.service': 'ActiveState=active\nUnitFileState=disabled\n',
    'drop-ins containerd.service': '/etc/systemd/system/containerd.service.d/mine.conf\n',
  })
  expect(parseFacts(twoServices.host, answer, questions).services).toEqual([
    {
      unit: 'containerd.service',
      active: 'active',
      enabled: 'disabled',
      needsReload: false,
      dropIns: ['/etc/systemd/system/containerd.service.d/mine.conf'],
    },
    { unit: 'kubelet.service', active: 'failed', enabled: 'enabled', needsReload: false, dropIns: [] },
  ])
})

it('a service that the host says nothing about is no answer', () => {
  expect(() => parseFacts(twoServices.host, factsAnswer(), questions)).toThrow(
    'did not answer unit-state containerd.service',
  )
})

it('which program runs is asked in the words of its distribution', async () => {
  const version = { command: ['kubelet', '--version'], says: 'Kubernetes' }
  const script = runningProgram.script({ unit: 'kubelet.service', version })
  expect((await execa('bash', ['-n'], { input: script })).exitCode).toBe(0)
  expect(script).not.toContain('k3s')
  expect(script).toContain("sed -nE '1s/^Kubernetes (v[^ ]+).*/version\\t\\1/p'")
})
