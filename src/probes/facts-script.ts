import { ofNode } from '../model/distribution/service.ts'
import { askedUnits, unitState } from '../parts/unit-state.ts'
import { sh } from '../templates/shell-quote.ts'
import { clusterNames } from './cluster/cluster-members.ts'
import { clusterObjects } from './cluster/cluster-objects.ts'
import { containerdQuestion } from './distribution/containerd.ts'
import { distributionRun } from './distribution/distribution-run.ts'
import { foundedReference } from './distribution/founded-with.ts'
import { pastVersion } from './distribution/seen-past.ts'
import { digestOfSeen, stableFacts } from './facts-digest.ts'
import { foreignState } from './foreign.ts'
import { dropIns } from './host/drop-ins.ts'
import { largeFiles } from './host/path-states.ts'
import { type NodeQuestion, nodeMarks, nodeReference } from './node/node-marks.ts'
import { recordsReference } from './node/node-records.ts'
import type { Questions } from './questions.ts'
import { partSections, section, sectionOfUnit, unitsOfParts } from './sections.ts'

/** Every probe in one script: one exec, whatever is asked. */
export function factsScript(questions: Questions): string {
  const { units, objects, members, foreign, access, node: name, quick } = questions
  // asked while the host is: the API takes as long to answer as the disk, and systemd as well
  const asked = [
    // a function, because bash's parser fails on a long `case` between the brackets
    ...(foreign === undefined
      ? []
      : [`ask_foreign() {\n${foreignState.script(foreign)}\n}\nexec {foreign}< <(ask_foreign)`]),
    ...(objects === undefined
      ? []
      : [
          `exec {objects}< <(${clusterObjects.script({ access, wanted: objects, also: [recordsReference, nodeReference(name), ...foundedReference(access)] })}\n)`,
        ]),
    ...(members === true ? [`exec {members}< <(${clusterNames.script(access)}\n)`] : []),
  ].join('\n')
  return `export LC_ALL=C
${asked}
${askedUnits([...units, ...unitsOfParts(questions, false)])}
${stableFacts(questions)}
seen=$(facts)
printf '%s\\n' "$seen"
${questions.kind === 'files' ? section(largeFiles.name, quick === undefined ? largeFiles.script() : largeFiles.quickScript(quick.contents)) : ''}
${units.map(serviceSections).join('\n')}
${foreign === undefined ? '' : section(foreignState.name, 'cat <&"$foreign"')}
${members === true ? section(clusterNames.name, 'cat <&"$members"') : ''}
${partSections(questions, false)}
${quick === undefined ? slowSections(questions) : ''}`
}

/** What an answer in no time does without. */
function slowSections({ units, objects, containerd, access, past, places, node: name }: Questions): string {
  const unit = ofNode(units)
  return `${section(pastVersion.name, pastVersion.script(past))}
${section(distributionRun.name, distributionRun.script({ unit, past, places }))}
${containerd === true ? section(containerdQuestion.name, containerdQuestion.script()) : ''}
${objects === undefined ? section(nodeMarks.name, nodeMarks.script({ access, name })) : askedServer({ access, name })}
${section('digest', `${sh`began=$(unit_state ${unit} ActiveState)`}\n${digestOfSeen}`)}`
}

function serviceSections(unit: string): string {
  return `${section(sectionOfUnit(unitState, unit), unitState.script(unit))}
${section(sectionOfUnit(dropIns, unit), dropIns.script(unit))}`
}

/**
 * A server has been asked for its own Node together with all else. Where the administrator's credential is not in its
 * place, the kubelet's may be.
 */
function askedServer(node: NodeQuestion): string {
  return `${section(clusterObjects.name, 'answer=$(cat <&"$objects"); [ -z "$answer" ] || printf \'%s\\n\' "$answer"')}
${section(nodeMarks.name, `[ -n "$answer" ] || { ${nodeMarks.script(node)}\n}`)}`
}
