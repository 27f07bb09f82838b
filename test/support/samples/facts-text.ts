/** What a host prints for `factsScript`, section by section. A test changes the sections that it is about. */
export function factsText(over: Readonly<Record<string, string>> = {}): string {
  const sections: Readonly<Record<string, string>> = {
    'host-system': 'id=debian\nmachine=x86_64\nsystemd=252',
    'path-states': '',
    'large-files': '',
    'credential-notes': '',
    past: '',
    generation: '',
    'past-version': '',
    'unit-state': 'ActiveState=inactive\nUnitFileState=\nNeedDaemonReload=no',
    'drop-ins': '',
    run: '',
    'node-marks': '',
    'cluster-objects': '{"kind":"List","items":[]}\n',
    digest: '0'.repeat(64),
    ...over,
  }
  return Object.entries(sections)
    .flatMap(ofBothRoles)
    .map(([name, text]) => `\u0001probe ${name}\n${text}\n`)
    .join('')
}

/** A server or agent that runs this version of k3s. */
export function runningText(
  role: 'server' | 'agent',
  version = 'v1.36.3+k3s1',
  over: Readonly<Record<string, string>> = {},
): string {
  return factsText({
    past: `${role === 'server' ? 'server\tyes\n' : ''}agent\tyes`,
    'past-version': `version\t${version}`,
    'unit-state': 'ActiveState=active\nUnitFileState=enabled\nNeedDaemonReload=no',
    run: `version\t${version}${role === 'server' ? '\ndatastore\tetcd' : ''}`,
    ...over,
  })
}

/** The answer about a unit, whichever unit a host is asked for. */
export function ofBothRoles<Text>(section: readonly [name: string, text: Text]): readonly (readonly [string, Text])[] {
  const [name, text] = section
  if (name !== 'unit-state' && name !== 'drop-ins') return [section]
  return ['k3s.service', 'k3s-agent.service'].map((unit) => [`${name} ${unit}`, text])
}
