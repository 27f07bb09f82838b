import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'

/** A clock for programs that take it from libc. It can jump while they run. */
export class FakeClock {
  /** Variables for the environment of those programs. */
  readonly env: Readonly<Record<string, string>>
  readonly #file: string

  private constructor(file: string, library: string) {
    this.#file = file
    this.env = { LD_PRELOAD: library, FAKE_CLOCK: file }
    this.jump(0)
  }

  static async start(folder: string): Promise<FakeClock> {
    const library = join(folder, 'fake-clock.so')
    await execa('gcc', ['-shared', '-fPIC', '-O1', '-o', library, new URL('fake-clock.c', import.meta.url).pathname])
    return new FakeClock(join(folder, 'clock'), library)
  }

  /** @param seconds from now on, the difference to the clock of the machine */
  jump(seconds: number): void {
    // written in one step, because a reader would take an empty file for no jump
    writeFileSync(`${this.#file}.new`, `${seconds}\n`)
    renameSync(`${this.#file}.new`, this.#file)
  }
}
