import type { EventKind } from '../events/event.ts'
import type { LastLook } from '../events/last-look.ts'
import type { Identity } from '../identity/kept-identity.ts'
import type { NodeReport } from '../node/node-report.ts'
import type { ServiceReport } from '../services/services-report.ts'
import { certificates } from './certificates.ts'
import { counter, gauge } from './exposition.ts'

/**
 * What Prometheus reads (prometheus.io/docs/instrumenting/exposition_formats, Text-based format). Names are built as
 * prometheus.io/docs/practices/naming has it: seconds and bytes.
 */
export function metricsText(
  node: NodeReport,
  identity: Identity,
  { services = [], drift }: LastLook = {},
  events: ReadonlyMap<EventKind, number> = new Map(),
): string {
  const { load, memory, disks, system, kernel } = node
  const disk = (value: 'total' | 'free') =>
    disks.map((one) => ({ value: one[value], labels: { mount: one.mount, type: one.type } }))
  const ends = certificates(identity).certificates.flatMap(({ name, ends: end }) =>
    end === undefined ? [] : [{ value: Date.parse(end) / 1000, labels: { certificate: name } }],
  )
  const ofUnits = (value: (unit: ServiceReport) => number) =>
    services.map((one) => ({ value: value(one), labels: { unit: one.unit } }))
  const ready = Number(identity.serving?.name === 'operational')
  return [
    gauge('keel_node_info', 'the system of the node', [
      { value: 1, labels: { os: system.id, version: system.version, kernel } },
    ]),
    gauge('keel_node_uptime_seconds', 'since the machine was started', [{ value: node.uptime }]),
    gauge('keel_node_load1', 'the load of the last minute', [{ value: load[0] ?? 0 }]),
    gauge('keel_node_memory_total_bytes', 'the memory of the machine', [{ value: memory.total }]),
    gauge('keel_node_memory_free_bytes', 'the memory that programs can have', [{ value: memory.free }]),
    gauge('keel_node_disk_total_bytes', 'the size of a file system', disk('total')),
    gauge('keel_node_disk_free_bytes', 'what is free of it', disk('free')),
    gauge('keel_agent_certificate_end_timestamp_seconds', 'when a certificate of the agent ends', ends),
    gauge('keel_agent_ready', 'whether Kubernetes has certified the agent', [{ value: ready }]),
    gauge(
      'keel_unit_active',
      'whether a unit runs, at the last look',
      ofUnits(({ active }) => Number(active === 'active')),
    ),
    gauge(
      'keel_unit_failed',
      'whether a unit has failed, at the last look',
      ofUnits(({ active }) => Number(active === 'failed')),
    ),
    gauge(
      'keel_unit_restarts',
      'how often systemd has restarted a unit by itself',
      ofUnits(({ restarts }) => restarts),
    ),
    gauge(
      'keel_drift_paths',
      'how many paths differ from the last deploy, at the last look',
      drift?.known === true ? [{ value: drift.differences.length }] : [],
    ),
    counter(
      'keel_agent_events_total',
      'what the agent has noticed since it was started',
      [...events].map(([kind, value]) => ({ value, labels: { kind } })),
    ),
  ].join('')
}
