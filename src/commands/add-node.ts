import { KeelError } from '../errors.ts'
import { type Command, directory, type InDirectory } from './command.ts'

export const addNode: Command<InDirectory> = {
  name: 'add-node',
  summary: 'not yet written',
  options: [directory],
  async run() {
    throw new KeelError({ code: 'not-yet', found: 'this verb is not yet written' })
  },
}
