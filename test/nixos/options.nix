# options.json as a tree of one release: a node has `option` (its entry) or children, or both (a submodule).
{ release, withAgenix ? true }:
let
  lib = import ./lib.nix;
  all = (builtins.fromJSON (builtins.readFile ./options.json)).options;
  exists = path: entry: entry.releases.${release} == true && (withAgenix || !lib.hasPrefix "age." path);
  present = lib.filterAttrs exists all;

  insert =
    tree: parts: entry:
    let
      name = builtins.head parts;
      rest = builtins.tail parts;
      node = tree.${name} or { children = { }; };
    in
    tree
    // {
      ${name} = if rest == [ ] then node // { option = entry; } else node // { children = insert node.children rest entry; };
    };
  tree = builtins.foldl' (made: path: insert made (lib.splitString "." path) present.${path}) { } (builtins.attrNames present);

  find = node: parts: if parts == [ ] then node else find node.children.${builtins.head parts} (builtins.tail parts);
in
{
  root.children = tree;
  # "age.secrets.<name>" → its node
  at = path: find { children = tree; } (lib.splitString "." path);
  # as a module sees them: what `options.services.k3s ? nodeIP` asks
  asAttrs =
    let
      show = _: node: if node ? option then { _type = "option"; } else builtins.mapAttrs show node.children;
    in
    builtins.mapAttrs show tree;
}
