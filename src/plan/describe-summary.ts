import { counted } from '../model/text/counted.ts'
import { type StyledText, styled } from '../model/text/styled-text.ts'
import { type Mark, markOf, markOfObject } from './mark.ts'
import type { Operation } from './operation.ts'
import { isEmpty, type Plan } from './plan.ts'
import { shortUnit } from './short-unit.ts'

/** The end of a plan: how much changes, which services restart, and what to do next. Empty if no host answered. */
export function describeSummary(plan: Plan, deploy?: string): StyledText {
  const { hosts, refusals, unreachable = [] } = plan
  if (hosts.length === 0) return []
  const silent = unreachable.length === 0 ? '' : `, ${unreachable.length} not reached`
  if (isEmpty(plan)) {
    const all = silent === '' && hosts.length > 1 ? 'all ' : ''
    const match = hosts.length === 1 ? 'matches' : 'match'
    return [[styled('good', 'No changes'), `: ${all}${counted(hosts.length, 'host')} ${match} the inventory${silent}.`]]
  }
  const total = `Plan: ${operations(plan)} ${where(plan, silent)}${services(plan)}.`
  return [[total], ...next(refusals.length > 0, deploy)]
}

function next(isRefused: boolean, deploy: string | undefined): StyledText {
  if (isRefused) return [[styled('fault', 'Deploy refuses it'), ': fix what is refused above.']]
  return deploy === undefined ? [] : [['Run ', styled('command', deploy), ' to apply.']]
}

function operations({ hosts, objects }: Plan): string {
  const marks = [...hosts.flatMap(({ operations }) => operations.map(markOf)), ...objects.operations.map(markOfObject)]
  const of = (mark: Mark) => marks.filter((one) => one === mark).length
  return `${of('+')} to add, ${of('~')} to change, ${of('-')} to remove`
}

function where({ hosts, objects }: Plan, silent: string): string {
  const changing = hosts.filter(({ operations }) => operations.length > 0).length
  const places = [
    ...(changing > 0 ? [`on ${counted(changing, 'host')}`] : []),
    ...(objects.operations.length > 0 ? ["in the cluster's API"] : []),
  ]
  return `${places.join(' and ')} (${hosts.length - changing} unchanged${silent})`
}

/** Which services start or restart, each with its hosts. */
function services({ hosts }: Plan): string {
  const moves = hosts.flatMap(({ host, operations }) => operations.flatMap(moveOf).map((move) => ({ host, move })))
  const byMove = Map.groupBy(moves, ({ move }) => move)
  return [...byMove].map(([move, of]) => `; ${move} on ${listed([...new Set(of.map(({ host }) => host))])}`).join('')
}

function moveOf(operation: Operation): readonly string[] {
  switch (operation.op) {
    case 'start-unit':
      return [`${shortUnit(operation.unit)} starts`]
    case 'restart-unit':
      return [`${shortUnit(operation.unit)} ${operation.when === 'always' ? 'restarts' : 'may restart'}`]
    case 'upgrade-node':
      return [`Kubernetes upgrades to ${operation.to}`]
    case 'run-unit':
      return operation.by === 'restart' ? [`${shortUnit(operation.unit)} restarts`] : []
    default:
      return []
  }
}

function listed(hosts: readonly string[]): string {
  const more = hosts.length - 5
  return `${hosts.slice(0, 5).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
