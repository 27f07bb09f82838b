import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { describeReport, openFilesDirectory, transpile } from '../butane/index.ts'
import { ExitCode, KeelError } from '../errors.ts'
import { printedText, visible } from '../ui/visible.ts'
import type { Command } from './shared/command.ts'

interface ButaneInput {
  readonly file: string
  readonly strict?: boolean
  readonly pretty?: boolean
  readonly filesDir?: string
}

export const butane: Command<ButaneInput> = {
  name: 'butane <file>',
  summary: 'translate a Butane config (variant flatcar) into an Ignition config',
  options: [
    { flags: '-s, --strict', summary: 'also refuse a config with warnings' },
    { flags: '-p, --pretty', summary: 'indent the JSON' },
    { flags: '-d, --files-dir <dir>', summary: 'the folder of its local files and trees (default: keel refuses them)' },
  ],
  examples: [
    ['keel butane node.bu > config.ign', 'translate a config; warnings go to stderr'],
    ['keel butane --strict --files-dir files node.bu', 'allow local files of that folder, refuse warnings'],
  ],
  exits: [[ExitCode.Failed, 'the config has an error; with --strict also: a warning']],
  async run({ file, strict, pretty, filesDir }, io) {
    const source = await readConfig(resolve(io.cwd, file), file)
    const files = filesDir === undefined ? {} : { files: openFilesDirectory(resolve(io.cwd, filesDir)) }
    const { json, refused, report } = transpile(source, { pretty: pretty === true, ...files })
    // butane's excerpts of the source contain tabs
    io.stderr.write(describeReport(report, file, source).split('\t').map(visible).join('\t'))
    if (json === undefined) {
      io.note(`Error translating config: ${refused}`)
      return ExitCode.Failed
    }
    if (strict === true && report.length > 0) {
      io.note('refused: the config has warnings, and --strict is set')
      return ExitCode.Failed
    }
    // a program gets exactly the bytes of butane
    io.stdout.write(io.stdout.isTTY ? printedText(json) : `${json}\n`)
    return ExitCode.Done
  },
}

async function readConfig(path: string, shown: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new KeelError({
      code: 'butane-unreadable',
      at: shown,
      found: 'a file that cannot be read',
      why: cause instanceof Error ? cause.message : String(cause),
      todo: 'name the Butane config to translate',
      exit: ExitCode.Usage,
      cause,
    })
  }
}
