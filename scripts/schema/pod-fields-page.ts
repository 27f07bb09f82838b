import type { Field, Fields } from '../../src/vkubelet/pod/field.ts'
import {
  containerFields,
  containerSecurityFields,
  hookFields,
  podFields,
  podSecurityFields,
  portFields,
  probeFields,
} from '../../src/vkubelet/pod/fields.ts'
import { mountFields, volumeFields } from '../../src/vkubelet/pod/volume-fields.ts'
import { table } from './table.ts'

const parts: readonly (readonly [string, Fields])[] = [
  ['`spec`', podFields],
  ['`spec.containers[]` and `spec.initContainers[]`', containerFields],
  ['`ports[]` of a container', portFields],
  ['`spec.securityContext`', podSecurityFields],
  ['`securityContext` of a container', containerSecurityFields],
  ['`startupProbe`, `livenessProbe` and `readinessProbe`', probeFields],
  ['`lifecycle.postStart` and `lifecycle.preStop`', hookFields],
  ['`spec.volumes[]`', volumeFields],
  ['`volumeMounts[]` of a container', mountFields],
]

/** docs/virtual-kubelet-fields.md: the tables by which the reader of Pods decides. */
export function podFieldsPage(): string {
  const sections = parts.map(([title, fields]) => {
    const rows = Object.entries(fields).map(([name, field]) => [`\`${name}\``, ...meaningOf(field)])
    return `## ${title}\n\n${table([['field', '', 'why'], ...rows])}`
  })
  return `# What a systemd node makes of each field of a Pod

<!-- made of the code: npm run schema -->

A Pod with a field that is **refused** stays \`Pending\` with the reason \`NotSupported\`. Its message and an Event name each
such field and why. A value that means nothing (empty, or the default of Kubernetes) is never refused. A field that
is not here is refused, too: it may be of a later Kubernetes and mean anything.

${sections.join('\n')}`
}

function meaningOf(field: Field): readonly [string, string] {
  switch (field.kind) {
    case 'read':
      return ['works', '']
    case 'without effect':
      return ['no effect', field.why]
    case 'refused':
      return [`**refused**${besides(field.harmless)}`, field.why]
  }
}

function besides(harmless: readonly unknown[]): string {
  return harmless.length === 0 ? '' : `, but ${harmless.map((value) => `\`${String(value)}\``).join(', ')}`
}
