/** Milliseconds: the first pause of the approver after a failure, and its longest. */
export const PAUSES = { shortest: 500, longest: 30_000 }
