import { resolve } from 'node:path'
import { publishImages } from '../../artifacts/publish-images.ts'
import { ExitCode } from '../../errors.ts'
import { timed } from '../../ui/run/lines.ts'
import { type Command, directory, json } from '../shared/command.ts'
import type { PublishedImages } from './published-images.ts'

interface Input {
  readonly images: string
  readonly key?: string
  readonly json?: boolean
}

export const publish: Command<Input> = {
  name: 'sysext publish <images>',
  summary: 'write SHA256SUMS and its signature beside the images of a folder, for systemd-sysupdate',
  options: [
    { flags: '--key <key>', summary: 'the gpg key to sign with: a fingerprint or an address (default: that of gpg)' },
    directory,
    json,
  ],
  examples: [
    ['keel sysext publish images --key ada@example.org', 'write images/SHA256SUMS and images/SHA256SUMS.gpg'],
    ['keel sysext publish images --json', 'sign with the default key of gpg, and print the sums for a program'],
  ],
  exits: [],
  async run(input, io) {
    const folder = resolve(io.cwd, input.images)
    const { images, fingerprint } = await publishImages(folder, { key: input.key, env: io.env, signal: io.signal })
    const published: PublishedImages = { directory: folder, images, fingerprint }
    if (input.json) io.print(timed(published))
    else {
      for (const { file, sha256 } of images) io.print(`${sha256}  ${file}`)
      io.print(`signed by ${fingerprint}; hosts need its public key: gpg --export ${fingerprint}`)
    }
    return ExitCode.Done
  },
}
