/** A TCP socket that somebody listens on. */
export interface Listener {
  /** Where to reach it from the host itself. */
  readonly address: string
  readonly port: number
  /** Which `socket:[…]` among the files of a process it is. */
  readonly inode: string
}

/** State 0A of /proc/net/tcp and tcp6 (proc(5)): TCP_LISTEN. */
const LISTEN = '0A'

/** @param text of /proc/net/tcp or /proc/net/tcp6 */
export function listenersIn(text: string): readonly Listener[] {
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
    const [, hex = '', port = ''] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local) ?? []
    if (state !== LISTEN || hex === '' || !/^[1-9]\d*$/.test(inode)) return []
    return [{ address: reachable(addressOf(hex)), port: Number.parseInt(port, 16), inode }]
  })
}

/** Words of four bytes, each with its last byte first. */
function addressOf(hex: string): string {
  const bytes = Buffer.concat((hex.match(/.{8}/g) ?? []).map((word) => Buffer.from(word, 'hex').reverse()))
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16))
  return groups.join(':')
}

function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1'
  return address === '0:0:0:0:0:0:0:0' ? '::1' : address
}
