import { KeelError } from '../errors.ts'
import type { HostName } from '../model/brands.ts'
import { inOrder } from '../model/distribution/service.ts'
import { byPart } from '../parts/by-part.ts'
import { unitState } from '../parts/unit-state.ts'
import { checkedAnswer } from './checked-answer.ts'
import { clusterNames } from './cluster/cluster-members.ts'
import { alsoFound, clusterObjects } from './cluster/cluster-objects.ts'
import { containerdQuestion } from './distribution/containerd.ts'
import { distributionRun } from './distribution/distribution-run.ts'
import { foundedWith } from './distribution/founded-with.ts'
import { pastVersion, seenPast } from './distribution/seen-past.ts'
import type { AnyFacts, Facts } from './facts.ts'
import { foreignState } from './foreign.ts'
import { credentialNotes } from './host/credential-notes.ts'
import { dropIns } from './host/drop-ins.ts'
import { generation } from './host/generation.ts'
import { hostSystem } from './host/host-system.ts'
import { nixosSystem } from './host/nixos-system.ts'
import { largeFiles, pathStates } from './host/path-states.ts'
import { nodeMarks } from './node/node-marks.ts'
import { nodeRecords, recordsKey } from './node/node-records.ts'
import { nodeStatus } from './node/node-status.ts'
import type { Questions } from './questions.ts'
import { sectionOfUnit, sectionsIn } from './sections.ts'

/**
 * Reads what `factsScript` printed.
 * @param asked what a host answers beside that is not read
 * @throws KeelError `facts-garbled` where the host printed something else
 */
export function parseFacts(host: HostName, stdout: string, asked: Asked): Facts {
  return checkedAnswer(host, '', () => readFacts(host, stdout, asked))
}

type Asked = Pick<Questions, 'kind' | 'units' | 'quick' | 'node' | 'access'>

function readFacts(host: HostName, stdout: string, { kind, units, quick, node: name, access }: Asked): Facts {
  const sections = sectionsIn(stdout)
  const answer = (name: string): string => {
    const text = sections.get(name)
    if (text === undefined)
      throw new KeelError({ code: 'facts-garbled', at: host, found: `the probe did not answer ${name}` })
    return text
  }
  const slowAnswer = (name: string) => (quick === undefined ? answer(name) : '')
  const api = sections.get(clusterObjects.name) ?? ''
  const objects = clusterObjects.parse(api)
  const also = objects === undefined ? undefined : alsoFound(api)
  const nodeText = also?.get(`Node/${name}`) ?? slowAnswer(nodeMarks.name)
  const node = nodeMarks.parse(nodeText)
  const status = nodeStatus(nodeText)
  const members = clusterNames.parse(sections.get(clusterNames.name) ?? '')
  const records = also === undefined ? undefined : nodeRecords(also.get(recordsKey))
  const founded = access.founded === undefined ? undefined : foundedWith(also?.get(`ConfigMap/${access.founded.name}`))
  const facts: AnyFacts = {
    host,
    system: hostSystem.parse(slowAnswer(hostSystem.name)),
    services: inOrder(units, (unit) => ({
      unit,
      ...unitState.parse(answer(sectionOfUnit(unitState, unit))),
      dropIns: dropIns.parse(answer(sectionOfUnit(dropIns, unit))),
    })),
    ...(sections.has(foreignState.name) ? { foreign: foreignState.parse(answer(foreignState.name)) } : {}),
    past: { ...seenPast.parse(answer(seenPast.name)), ...pastVersion.parse(slowAnswer(pastVersion.name)) },
    run: distributionRun.parse(slowAnswer(distributionRun.name)),
    generation: generation.parse(answer(generation.name)),
    parts: byPart<'seen'>(({ name, probe }) => (sections.has(name) ? probe?.parse(answer(name)) : undefined)),
    ...(node === undefined ? {} : { node }),
    ...(status === undefined ? {} : { status }),
    ...(objects === undefined ? {} : { objects }),
    ...(records === undefined ? {} : { records }),
    ...(founded === undefined ? {} : { founded }),
    ...(sections.has(containerdQuestion.name)
      ? { containerd: containerdQuestion.parse(answer(containerdQuestion.name)) }
      : {}),
    ...(members === undefined ? {} : { members }),
    ...(quick === undefined ? { digest: answer('digest').trim() } : {}),
  }
  switch (kind) {
    case 'files': {
      const paths = pathStates.parse(`${answer(pathStates.name)}\n${answer(largeFiles.name)}`)
      return { ...facts, kind, paths, credentials: credentialNotes.parse(answer(credentialNotes.name), paths) }
    }
    case 'system':
      return { ...facts, kind, nixos: nixosSystem.parse(answer(nixosSystem.name)) }
  }
}
