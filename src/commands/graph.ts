import { basename, dirname, extname, resolve } from 'node:path'
import { ExitCode, KeelError } from '../errors.ts'
import { readInventoryFile, refuseInventoryLinksOn } from '../files/inventory-file.ts'
import { writeTree } from '../files/write-tree.ts'
import { formatByEnding, GRAPH_FORMATS, type GraphFormat, MADE_BY_GRAPH } from '../graph/formats.ts'
import { printGraph } from '../graph/print-graph.ts'
import { topologyOf } from '../graph/topology.ts'
import { nearest } from '../model/text/nearest.ts'
import { type Command, directory, type InDirectory } from './shared/command.ts'
import { openWorkspace } from './shared/workspace.ts'

interface GraphInput extends InDirectory {
  readonly format?: string
  readonly out?: string
}

export const graph: Command<GraphInput> = {
  name: 'graph',
  summary: 'draw the hosts, the virtual IP, who may reach which port, and who may read which secret',
  options: [
    { flags: '--format <format>', summary: 'svg, mermaid or html (default: by the name of the file, else svg)' },
    { flags: '--out <file>', summary: 'write it to this file: .svg, .mmd or .html' },
    directory,
  ],
  examples: [
    ['keel graph --out cluster.html', 'write a page that opens in any browser, without network'],
    ['keel graph --format mermaid', 'print a flowchart for a Markdown file'],
  ],
  exits: [],
  async run(input, io) {
    const format = formatOf(input)
    const { directory, cluster } = await openWorkspace(input, io, 'look')
    const text = printGraph(topologyOf(cluster), format)
    if (input.out === undefined) {
      io.stdout.write(text)
      return ExitCode.Done
    }
    const out = resolve(io.cwd, input.out)
    // a folder in the inventory may come from a commit; any other folder belongs to the user, with its links
    refuseInventoryLinksOn(directory, out)
    refuseOtherFile(out)
    writeTree(dirname(out), [{ path: basename(out), content: text, mode: '0644' }])
    io.print(`${out}: written`)
    return ExitCode.Done
  },
}

function formatOf({ format, out }: GraphInput): GraphFormat {
  if (format === undefined) return formatByEnding(extname(out ?? '')) ?? 'svg'
  const known = GRAPH_FORMATS.find((one) => one === format)
  if (known !== undefined) return known
  const hint = nearest(format, GRAPH_FORMATS)
  throw new KeelError({
    code: 'usage',
    at: '--format',
    found: format,
    todo: hint === undefined ? `choose one of ${GRAPH_FORMATS.join(', ')}` : `did you mean ${hint}?`,
    exit: ExitCode.Usage,
  })
}

/** A wrong name after --out would otherwise cost a file of the inventory. */
function refuseOtherFile(out: string): void {
  const there = readInventoryFile(dirname(out), basename(out))
  if (there === undefined || there.includes(MADE_BY_GRAPH)) return
  throw new KeelError({
    code: 'graph-other-file',
    at: out,
    found: 'a file that is not from keel graph',
    todo: 'delete it, or name another file with --out',
    exit: ExitCode.Usage,
  })
}
