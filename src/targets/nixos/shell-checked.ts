import { joinText, type NixText } from '../../templates/nix-text.ts'

/**
 * A command with texts of the inventory in single quotes. shellcheck reports a `$`, a backslash or a curly quote there
 * as a mistake, and with systemd.enableStrictShellChecks NixOS fails the build for any such report.
 */
export function literally(command: NixText, texts: readonly string[]): NixText {
  return texts.some((text) => /[$`\\\u2018\u2019]/.test(text))
    ? joinText(['# shellcheck disable=SC1003,SC1112,SC2016\n', command])
    : command
}
