/** Whether a process is there (kill(2) with the signal 0). It costs two microseconds, so it can be asked each second. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
