import { ExitCode, KeelError } from '../../errors.ts'
import { quote } from '../../model/names.ts'
import { parseImageKey } from '../../model/systems/image-file-name.ts'
import { transferFile, transferPath } from '../../sysext/sysupdate.ts'
import { type Command, directory } from '../shared/command.ts'
import { positiveInteger } from '../shared/positive-integer.ts'

interface Input {
  readonly image: string
  readonly version: string
  readonly url?: string
  readonly link?: boolean
  readonly systemd?: string
}

/** That of Debian 13. */
const SYSTEMD = 257

export const transfer: Command<Input> = {
  name: 'sysext transfer <image> <version>',
  summary: 'print the file with which systemd-sysupdate gets new patches of this minor version',
  options: [
    { flags: '--url <url>', summary: 'where the published images are' },
    { flags: '--link', summary: 'also link the newest image, so that the next boot takes it (default: only download)' },
    {
      flags: '--systemd <version>',
      summary: `the systemd of the host, which decides the file name (default: ${SYSTEMD})`,
    },
    directory,
  ],
  examples: [
    ['keel sysext transfer kubernetes v1.36.3 --url https://images.example', 'patches of 1.36, for Debian 13'],
    ['keel sysext transfer kubernetes v1.36.3 --url https://images.example --systemd 255', 'the same for systemd 255'],
  ],
  exits: [],
  async run(input, io) {
    const { name, version } = parseImageKey({ image: input.image, version: input.version })
    const systemd = positiveInteger('--systemd', input.systemd, SYSTEMD)
    const url = urlOf(input.url)
    io.print(`# ${transferPath({ name }, systemd)}`)
    io.print(transferFile({ name, version, url, when: input.link === true ? 'link' : 'download' }).trimEnd())
    return ExitCode.Done
  },
}

function urlOf(text: string | undefined): string {
  const isPlain = text !== undefined && /^https?:\/\/[\x21-\x7e]+$/.test(text) && URL.canParse(text)
  if (isPlain) return text
  throw new KeelError({
    code: 'usage',
    at: '--url',
    found: text === undefined ? 'no URL' : `${quote(text)} is not possible here`,
    todo: 'name the folder with the published images: `--url https://images.example/kubernetes`',
    exit: ExitCode.Usage,
  })
}
