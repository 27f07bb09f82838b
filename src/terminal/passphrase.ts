import { ExitCode, KeelError } from '../errors.ts'
import { type HiddenInput, readHidden } from './hidden-input.ts'

const PASSPHRASE_FILE = 'KEEL_PASSPHRASE_FILE'
/** As often as ssh asks (NumberOfPasswordPrompts). A file gives the same answer every time, so keel reads it once. */
const TRIES = 3

/**
 * Opens a private key with its passphrase: the one that opened it before, else the first line of KEEL_PASSPHRASE_FILE,
 * else the text that a person types. keel asks only once for a key that logs in and decrypts.
 * @param path the file of the key
 * @param open returns undefined if the passphrase is wrong
 * @throws KeelError `key-encrypted` (exit 2) if there is nobody to ask, `key-passphrase` (exit 2) if it is wrong; the
 * errors of `open`
 */
export async function openWithPassphrase<Key>(
  input: HiddenInput,
  path: string,
  open: (passphrase: string) => Promise<Key | undefined> | Key | undefined,
): Promise<Key> {
  const known = passphrasesOf(input)
  const opened = openNow(input, path, open, await known.get(path))
  known.set(
    path,
    opened.then(
      ({ passphrase }) => passphrase,
      () => undefined,
    ),
  )
  return (await opened).key
}

/** By the source of answers, which is one for each command, and then by file. */
const remembered = new WeakMap<HiddenInput['ask'], Map<string, Promise<string | undefined>>>()

function passphrasesOf({ ask }: HiddenInput): Map<string, Promise<string | undefined>> {
  const known = remembered.get(ask) ?? new Map<string, Promise<string | undefined>>()
  remembered.set(ask, known)
  return known
}

async function openNow<Key>(
  input: HiddenInput,
  path: string,
  open: (passphrase: string) => Promise<Key | undefined> | Key | undefined,
  before: string | undefined,
): Promise<{ readonly key: Key; readonly passphrase: string }> {
  const again = before === undefined ? undefined : await open(before)
  if (before !== undefined && again !== undefined) return { key: again, passphrase: before }
  const tries = input.env[PASSPHRASE_FILE] ? 1 : TRIES
  for (let tried = 0; tried < tries; tried++) {
    const question = `${tried === 0 ? '' : 'that was not it; '}passphrase of ${path}: `
    const passphrase = await readHidden(input, PASSPHRASE_FILE, question)
    if (passphrase === undefined) throw nobodyToAsk(path)
    const key = await open(passphrase)
    if (key !== undefined) return { key, passphrase }
  }
  throw new KeelError({
    code: 'key-passphrase',
    at: path,
    found: 'the passphrase does not open the key',
    todo: `run this again with the right passphrase, typed or in a file that ${PASSPHRASE_FILE} names`,
    exit: ExitCode.Usage,
  })
}

function nobodyToAsk(path: string): KeelError {
  return new KeelError({
    code: 'key-encrypted',
    at: path,
    found: 'the key is encrypted, and there is no terminal to ask for its passphrase',
    todo: `name a file with the passphrase in ${PASSPHRASE_FILE}, or another key with --identity; to log in, an agent with the key is enough: ssh-add ${path}`,
    exit: ExitCode.Usage,
  })
}
