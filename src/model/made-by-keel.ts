/** The first line of a file that keel writes on a host, if the format of the file has such comments. */
export const madeByKeel =
  '# Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.\n'
