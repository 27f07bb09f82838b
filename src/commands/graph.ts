import { existsSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { ExitCode, hasCode, KeelError, systemCode } from '../errors.ts'
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
    { flags: '--format <format>', summary: 'svg, mermaid or html (default: by the ending of --out, else svg)' },
    { flags: '--out <file>', summary: 'write it to this file: .svg, .mmd or .html' },
    directory,
  ],
  examples: [
    ['keel graph --out cluster.html', 'write a page that opens in any browser, without network'],
    ['keel graph --format mermaid', 'print a flowchart for a Markdown file'],
  ],
  exits: [],
  async run(input, io) {
    const named = input.format === undefined ? undefined : knownFormat(input.format)
    const { directory, cluster } = await openWorkspace(input, io, 'look')
    if (input.out === undefined) {
      io.stdout.write(printGraph(topologyOf(cluster), named ?? 'svg'))
      return ExitCode.Done
    }
    const out = resolve(io.cwd, input.out)
    // a folder in the inventory may come from a commit; any other folder belongs to the user, with its links
    refuseInventoryLinksOn(directory, out)
    refuseMissingFolder(out)
    refuseOtherFile(out)
    const text = printGraph(topologyOf(cluster), formatOf(input.out, named))
    writeTree(dirname(out), [{ path: basename(out), content: text, mode: '0644' }])
    io.print(`${out}: written`)
    return ExitCode.Done
  },
}

function knownFormat(format: string): GraphFormat {
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

/** A program reads a file as what its ending promises, so an ending and --format must not contradict each other. */
function formatOf(out: string, named: GraphFormat | undefined): GraphFormat {
  const ending = extname(out)
  const byEnding = formatByEnding(ending)
  if (named === undefined && byEnding === undefined) {
    throw new KeelError({
      code: 'usage',
      at: `--out ${out}`,
      found: ending === '' ? 'no ending' : `the unknown ending ${ending}`,
      todo: `use .svg, .html or .mmd, or choose with --format (${GRAPH_FORMATS.join(', ')})`,
      exit: ExitCode.Usage,
    })
  }
  if (named !== undefined && byEnding !== undefined && named !== byEnding) {
    throw new KeelError({
      code: 'usage',
      at: `--out ${out}`,
      found: `the ending of ${byEnding}, but --format ${named}`,
      todo: 'leave out --format, or change the ending',
      exit: ExitCode.Usage,
    })
  }
  return named ?? byEnding ?? 'svg'
}

/** A wrong path would otherwise leave a folder that nobody looks for. */
function refuseMissingFolder(out: string): void {
  const folder = dirname(out)
  if (existsSync(`${folder}/.`)) return
  throw new KeelError({
    code: 'not-written',
    at: folder,
    found: 'no such folder',
    todo: 'create it first, or name another file with --out',
    exit: ExitCode.Usage,
  })
}

/** A wrong name after --out would otherwise cost a file of the inventory. */
function refuseOtherFile(out: string): void {
  const there = readPlace(out)
  if (there === undefined || there.includes(MADE_BY_GRAPH)) return
  throw new KeelError({
    code: 'graph-other-file',
    at: out,
    found: 'a file that is not from keel graph',
    todo: 'delete it, or name another file with --out',
    exit: ExitCode.Usage,
  })
}

function readPlace(out: string): Buffer | undefined {
  try {
    return readInventoryFile(dirname(out), basename(out))
  } catch (cause) {
    if (cause instanceof KeelError) throw cause
    const isFolder = hasCode(cause, 'EISDIR')
    throw new KeelError({
      code: 'graph-other-file',
      at: out,
      found: isFolder ? 'a folder' : `it can't be read (${systemCode(cause)})`,
      todo: isFolder ? `name a file in it, such as ${join(out, 'cluster.svg')}` : 'name another file with --out',
      exit: ExitCode.Usage,
      cause,
    })
  }
}
