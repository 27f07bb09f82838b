/** Those that keel has a completion for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
