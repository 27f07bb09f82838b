import type { Identity } from '../identity/kept-identity.ts'
import type { NodeReport } from '../node/node-report.ts'
import { certificates } from './certificates.ts'

interface Sample {
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
}

/**
 * What Prometheus reads (prometheus.io/docs/instrumenting/exposition_formats, Text-based format). Names are built as
 * prometheus.io/docs/practices/naming has it: seconds and bytes.
 */
export function metricsText(node: NodeReport, identity: Identity): string {
  const { load, memory, disks, system, kernel } = node
  const disk = (value: 'total' | 'free') =>
    disks.map((one) => ({ value: one[value], labels: { mount: one.mount, type: one.type } }))
  const ends = certificates(identity).certificates.flatMap(({ name, ends: end }) =>
    end === undefined ? [] : [{ value: Date.parse(end) / 1000, labels: { certificate: name } }],
  )
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
  ].join('')
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return ''
  const lines = samples.map(({ value, labels = {} }) => `${name}${labelsText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const all = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return all.length === 0 ? '' : `{${all.join(',')}}`
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))
}
