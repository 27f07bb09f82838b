/** What went wrong with the helper, in words for the log: never what it has sent. */
export class HelperError extends Error {}

/** The helper's own list does not have the unit, or the host has no such unit. */
export class UnknownUnit extends HelperError {
  constructor() {
    super('the helper does not know the unit')
  }
}
