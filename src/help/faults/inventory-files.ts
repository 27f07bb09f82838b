import type { Explanation } from './explanation.ts'

export const inventoryFiles: readonly Explanation[] = [
  {
    codes: ['no-inventory', 'no-cluster-file', 'no-hosts', 'no-server'],
    means:
      'The folder is not a complete inventory. An inventory has secrets.ts, hosts/cluster.ts and at least one server in hosts/ (or the same in YAML).',
    cause: 'You are in another folder, the file was not committed, or the inventory is not finished yet.',
    todo: 'Change to the folder of the inventory or use `-C DIR`. To begin a new inventory, run `keel init DIR`.',
    topic: 'inventory',
  },
  {
    codes: ['two-forms', 'file-ending', 'misplaced-file', 'no-definition'],
    means: 'A file of the inventory would be ignored or read twice. keel refuses this instead of choosing.',
    cause:
      'The same thing exists as TypeScript and as YAML, a file ends in `.yml`, a definition is in a folder that keel does not read, or a TypeScript file has no default export.',
    todo: 'Keep one file for each host: `hosts/NAME/host.ts` or `hosts/NAME/host.yaml`.',
    topic: 'inventory',
  },
  {
    codes: ['inventory-read', 'inventory-file', 'inventory-encoding'],
    means:
      'keel did not read a file of the inventory. It follows no links, and reads only plain files in UTF-8 of a limited size.',
    cause:
      'A symbolic link, a pipe or device, missing permissions, or an editor that saved Latin-1. Links are refused because a commit could point one at any file of your machine.',
    todo: 'Replace the file with a plain text file in UTF-8.',
    topic: 'security',
  },
  {
    codes: ['inventory-syntax', 'inventory-import', 'inventory-exception'],
    means:
      'A TypeScript file of the inventory could not be loaded. `inventory-syntax`: it is not valid. `inventory-import`: something that it imports is missing or not possible. `inventory-exception`: its own code threw an error.',
    cause:
      'A missing comma or quote, often on the line before the one that is named; a wrong path in an import; or `enum` and `namespace`, which need a compiler.',
    todo: 'Open the named line in an editor that checks TypeScript. keel writes `.keel/` and tsconfig.json for that.',
    topic: 'inventory',
  },
  {
    codes: ['key-twice', 'yaml-twice'],
    means: 'The same key is written twice in one object. JavaScript and YAML would silently use the last one.',
    cause: 'A block that was copied, or a merge of two branches.',
    todo: 'Put both values under one key, or delete one of them.',
  },
  {
    codes: ['prototype-key'],
    means: 'A key such as `__proto__` is special in JavaScript and never a name in an inventory.',
    cause: 'Seldom a mistake; such keys are used to confuse programs.',
    todo: 'Remove the key, and look at the commit that brought it.',
    topic: 'security',
  },
  {
    codes: [
      'yaml-alias',
      'yaml-aliases',
      'yaml-depth',
      'yaml-documents',
      'yaml-empty',
      'yaml-key',
      'yaml-merge',
      'yaml-tag',
      'yaml-version',
    ],
    means:
      'The YAML file is valid for some readers, but keel refuses what can surprise people: tags, several documents, YAML 1.1, endless aliases, keys that are no text, or an empty file.',
    cause: 'A file from another tool, an alias without its anchor, or a bracket that is never closed.',
    todo: 'Rewrite the named line in plain YAML 1.2: maps, lists, texts, numbers, `true` and `false`.',
    topic: 'inventory',
  },
  {
    codes: ['unknown-key'],
    means:
      'The inventory contains a key that keel does not know. keel refuses it, because a misspelled key would otherwise have no effect.',
    cause: 'A typing error, a key at the wrong level, or an inventory for a newer keel.',
    todo: '`keel explain` lists all keys as a tree, `keel explain KEY` describes one.',
    topic: 'inventory',
  },
  {
    codes: ['missing', 'value', 'twice', 'text'],
    means: 'A value is missing, has the wrong kind, or is in a list twice.',
    cause:
      'A text without quotes in YAML that reads as a number or as true, a list where one value belongs, or a required key that is not there.',
    todo: 'Run `keel explain KEY` for the named key: it shows the type, the default and an example.',
    topic: 'inventory',
  },
  {
    codes: ['file-changed', 'not-written', 'secrets-not-written'],
    means: 'keel wrote nothing, because it can only replace all of its files together or none.',
    cause:
      'An editor or git changed a file at the same moment, the disk is full, a folder is read-only, or parts of the inventory are on different file systems.',
    todo: 'Check `git status` and the free space, then run the command again.',
  },
  {
    codes: ['secrets-journal', 'secrets-locked', 'secrets-overtaken'],
    means:
      'An earlier change of the inventory is not finished, or another keel works on it. keel stages changes in a folder beside the files and applies them together.',
    cause: 'A keel that was killed or lost power, two keels at once, or a staging folder that came with a commit.',
    todo: 'If no other keel runs, run `keel rekey`: it finishes or removes a change that you began on this machine. keel never finishes a change that came with git; delete that folder.',
    topic: 'secrets',
  },
  {
    codes: ['host-file'],
    means: 'keel could not add the key to your host file without the risk of changing something else in it.',
    cause: 'The file computes its definition: a variable, a spread or a function in place of a plain object.',
    todo: 'Add the line that the message shows by hand.',
    topic: 'add-a-node',
  },
  {
    codes: ['render-stale', 'render-edited'],
    means:
      'A generated file in hosts/ does not fit the inventory (`render-stale`), or somebody edited it (`render-edited`). Deploy refuses both, because people review these files in git.',
    cause:
      'The inventory or keel itself changed since the last `keel render`, or someone made a quick change in the wrong file.',
    todo: 'Run `keel render` and review the difference. Move changes made by hand into the inventory, then use `keel render --force`.',
    topic: 'nixos',
  },
]
