import { execa } from 'execa'
import { expect, it } from 'vitest'
import { lantern } from '../../support/parts/lantern.ts'

const path = (name: string) => new URL(name, import.meta.url).pathname

/** In a process of its own, whose list of parts is one longer: nothing else of keel knows of the part. */
it(`a part costs its folder and a line in the list: ${lantern.name}`, async () => {
  const args = ['--import', path('../../../bench/templates.ts'), path('made-up-part-child.ts')]
  const said = JSON.parse((await execa('node', args)).stdout)

  expect(said.files).toEqual(
    expect.arrayContaining(['/etc/keel/lantern.json', '/etc/systemd/system/keel-lantern.service']),
  )
  expect(said.firewall).toContain('ip saddr { 192.0.2.0/24 } tcp dport { 7000 } accept comment "lantern"')
  const [butane, module] = said.generated
  // enabled at the first boot, by Ignition
  expect(butane).toMatch(/^ +- name: keel-lantern\.service\n +enabled: true$/m)
  expect(module).toContain('"keel/lantern.json".text = ')
  expect(module).toMatch(/^ +keel-lantern = \{$/m)
  expect(module).toContain('ip saddr { 192.0.2.0/24 } tcp dport 7000 accept comment "lantern"')

  expect(said.questions).toContain('probe lantern\\n')
  expect(said.plan).toEqual(
    expect.arrayContaining([
      { op: 'write-file', path: '/etc/keel/lantern.json', why: 'missing' },
      { op: 'run-unit', unit: 'keel-lantern.service', by: 'start' },
    ]),
  )
  expect(said.plan.at(-1)).toEqual({ op: 'run-unit', unit: 'keel-lantern.service', by: 'start' })
  expect(said.refusals).toContainEqual({ code: 'no-light', at: 'ocean', found: 'a masked lantern' })
  expect(said.garbled).toContain('parts.lantern.active')
  expect(said.verification).toContain('the lantern to burn')
})
