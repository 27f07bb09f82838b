import type { FilesRendered } from '../../targets/rendered.ts'
import contentsFunctions from '../../templates/host/contents.sh'
import noteContent from '../../templates/host/note-content.sh'
import placedFunction from '../../templates/host/placed.sh'
import { sh } from '../../templates/shell-quote.ts'
import { version } from '../../version.ts'

/**
 * Notes in a generation which keel deployed it, when, and what is now at each of its paths: the keel-agent's helper
 * compares the host with that, without the inventory. Of a program it is the digest that the host has checked already,
 * with what staging has noted of the file, so that no plan has to read it (`largeFiles`).
 */
export function notePlaced(
  paths: readonly string[],
  artifacts: FilesRendered['artifacts'],
  generation: string,
): string {
  const programs = artifacts.map(
    ({ path, mode, sha256 }) => `file\t${mode.replace(/^0+/, '')}\troot:root\t${sha256}\t${path}`,
  )
  return `${contentsFunctions}${placedFunction}${noteContent}
${sh`printf 'keel\t%s\ndeployed\t%s\n' ${version} "$(date +%s)" > ${`${generation}/record`}
{
  for path in ${paths}; do placed "$path"; done
  for line in ${programs}; do printf '%s\n' "$line"; done
} > ${`${generation}/placed`}
know_contents current/contents
know_contents ${`${generation}/contents`}
for path in ${artifacts.map(({ path }) => path)}; do note_content "$path"; done > ${`${generation}/contents`}`}`
}

/** The same for one path of the current generation, which keel has replaced without a deploy of the host. */
export function notePlacedAnew(path: string): string {
  return `${contentsFunctions}${placedFunction}
${sh`if [ -f current/placed ]; then
  {
    while IFS= read -r line; do case $line in *'	'${path}) ;; *) printf '%s\n' "$line" ;; esac; done < current/placed
    placed ${path}
  } > current/placed.new
  mv -fT -- current/placed.new current/placed
fi`}`
}
