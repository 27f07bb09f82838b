import { template } from '../templates/template.ts'
import unitTemplate from './service.hbs'

/** A section of a unit: a list means a setting that is there several times. */
export type Settings = Readonly<Record<string, string | readonly string[]>>

/** A service as a value, for every system alike. */
export interface Service {
  readonly description: string
  readonly wants?: readonly string[]
  readonly after: readonly string[]
  readonly unit: Settings
  readonly environment: Readonly<Record<string, string>>
  readonly service: Settings
}

export interface Setting {
  readonly name: string
  readonly value: string
}

const unitText = template<
  Required<Pick<Service, 'description' | 'wants' | 'after'>> &
    Record<'unit' | 'environment' | 'service', readonly Setting[]>
>(unitTemplate)

/** The text of a unit, for systems on which keel writes units. */
export function serviceText({ description, wants = [], after, ...sections }: Service): string {
  return unitText({
    description,
    wants,
    after,
    unit: listed(sections.unit),
    environment: listed(sections.environment),
    service: listed(sections.service),
  })
}

/** A section for a template: a line for each setting. */
export function listed(section: Settings): readonly Setting[] {
  return Object.entries(section).flatMap(([name, value]) => [value].flat().map((one) => ({ name, value: one })))
}
