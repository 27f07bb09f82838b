import { execa } from 'execa'
import { expect, it } from 'vitest'
import { questionsFor } from '../../../src/fleet/survey.ts'
import { runningProgram } from '../../../src/probes/distribution/running-program.ts'
import { factsScript } from '../../../src/probes/facts-script.ts'
import { parseFacts } from '../../../src/probes/parse-facts.ts'
import { factsAnswer } from '../../support/samples/facts-answer.ts'
import { twoServices } from '../../support/samples/two-services.ts'

const questions = questionsFor(twoServices)

it('each service is asked for, and the last one for what the node runs', async () => {
  const script = factsScript(questions)
  expect((await execa('bash', ['-n'], { input: script })).exitCode).toBe(0)
  const asked = [...script.matchAll(/systemctl show --property=ActiveState,UnitFileState,NeedDaemonReload -- (\S+)/g)]
  expect(asked.map(([, unit]) => unit)).toEqual(['containerd.service', 'kubelet.service'])
  expect(script).toMatch(/^unit=kubelet\.service$/m)
  expect(script).toMatch(/^began=.*-- kubelet\.service\)$/m)
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
