import { execFile } from 'node:child_process'
import { constants, open as openCallback } from 'node:fs'
import { open } from 'node:fs/promises'
import { Socket } from 'node:net'
import { promisify } from 'node:util'

/**
 * Named pipes. A program that opens `/dev/stdout` again can do so with a pipe, as in a container, and not with the sockets
 * that node connects children with. They are in a folder that only root can enter.
 */
export async function makeFifos(paths: readonly string[]): Promise<void> {
  // systemd opens them as root, and the user of the container again by /dev/stdout
  if (paths.length > 0) await promisify(execFile)('/usr/bin/mkfifo', ['--mode=666', '--', ...paths])
}

/** The reading side, before there is a writing one: it ends when the last writer has. */
export async function readFifo(path: string): Promise<Socket> {
  const { fd } = await openFd(path, constants.O_RDONLY)
  return new Socket({ fd, readable: true, writable: false })
}

/** Both sides: who opens the other one does not wait. @returns what closes it */
export async function holdFifo(path: string): Promise<() => Promise<void>> {
  const file = await open(path, constants.O_RDWR | constants.O_NONBLOCK)
  return () => file.close()
}

/** The writing side of a pipe that has a reader. @throws Error ENXIO where it has none */
export async function writeFifo(path: string): Promise<Socket> {
  const { fd } = await openFd(path, constants.O_WRONLY)
  return new Socket({ fd, readable: false, writable: true })
}

/** A number that a socket takes over: a FileHandle would be closed with it by the garbage collector. */
function openFd(path: string, flags: number): Promise<{ readonly fd: number }> {
  return new Promise((resolve, reject) => {
    openCallback(path, flags | constants.O_NONBLOCK, (error, fd) => (error === null ? resolve({ fd }) : reject(error)))
  })
}
