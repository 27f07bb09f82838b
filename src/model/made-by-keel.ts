/** The first line of a file on a host that keel made, where the file's language has such comments. */
export const madeByKeel = '# Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.\n'
