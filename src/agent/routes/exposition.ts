export interface Sample {
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
  /** Milliseconds since 1970; absent: when it is read. */
  readonly time?: number
}

/**
 * A family of metrics as Prometheus reads it (prometheus.io/docs/instrumenting/exposition_formats, Text-based format);
 * nothing where there is no sample.
 */
export function gauge(name: string, help: string, samples: readonly Sample[]): string {
  return family('gauge', name, help, samples)
}

export function counter(name: string, help: string, samples: readonly Sample[]): string {
  return family('counter', name, help, samples)
}

function family(type: string, name: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return ''
  const lines = samples.map(
    ({ value, labels = {}, time }) => `${name}${labelsText(labels)} ${value}${time === undefined ? '' : ` ${time}`}\n`,
  )
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const all = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return all.length === 0 ? '' : `{${all.join(',')}}`
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))
}
