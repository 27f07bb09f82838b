import type { Headers } from './header-block.ts'

/** A frame of SPDY/3.1 as far as the API server and kubectl send them. Streams are numbers, odd ones from the client. */
export type Frame =
  | { readonly kind: 'open'; readonly stream: number; readonly headers: Headers; readonly isLast: boolean }
  /** Data comes as it arrives: a long frame in several pieces. The last piece has `isLast`, if the frame has. */
  | { readonly kind: 'data'; readonly stream: number; readonly bytes: Buffer; readonly isLast: boolean }
  /** Ends a stream at once. */
  | { readonly kind: 'reset'; readonly stream: number; readonly status: number }
  | { readonly kind: 'ping'; readonly id: number }
  /** The client opens no more streams. */
  | { readonly kind: 'goaway' }

/** SPDY/3, section 2.6: types of control frames. */
export const TYPE = { open: 1, reply: 2, reset: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 9 } as const

/** The flag of the last frame that one side sends on a stream. */
export const FIN = 0x01

/** Section 2.6.3, RST_STREAM. */
export const RESET = { invalidStream: 2, refused: 3, cancel: 5 } as const

/** The first two bytes of each control frame: the bit for control, and the version. */
export const CONTROL = 0x8003
export const HEADER_LENGTH = 8
