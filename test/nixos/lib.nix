# The parts of nixpkgs' lib that the modules here use, written again, because there is no nixpkgs where the tests run.
# Any other part is an error.
let
  inherit (builtins) attrNames concatLists filter listToAttrs map match;
in
rec {
  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkMerge = contents: { _type = "merge"; inherit contents; };
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkForce = mkOverride 50;
  mkOrder = priority: content: { _type = "order"; inherit priority content; };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;

  optional = condition: item: if condition then [ item ] else [ ];
  optionals = condition: items: if condition then items else [ ];
  optionalString = condition: text: if condition then text else "";
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  filterAttrs = keep: set: listToAttrs (concatLists (mapAttrsToList (name: value: optional (keep name value) { inherit name value; }) set));
  concatMapStringsSep = separator: f: items: builtins.concatStringsSep separator (map f items);
  hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  removePrefix = prefix: text: if hasPrefix prefix text then builtins.substring (builtins.stringLength prefix) (-1) text else text;
  toInt = text: if match "[0-9]+" text == null then throw "model: ${text} is no number" else builtins.fromJSON text;
  hasSuffix =
    suffix: text:
    let
      from = builtins.stringLength text - builtins.stringLength suffix;
    in
    from >= 0 && builtins.substring from (-1) text == suffix;
  splitString = separator: text: filter builtins.isString (builtins.split (if separator == "." then "\\." else separator) text);
  unique = builtins.foldl' (seen: item: if builtins.elem item seen then seen else seen ++ [ item ]) [ ];
  makeBinPath = packages: builtins.concatStringsSep ":" (map (package: "${package}/bin") packages);
  versionAtLeast = a: b: builtins.compareVersions a b >= 0;
  versions.majorMinor = version: builtins.elemAt (match "([0-9]+\\.[0-9]+).*" version) 0;
}
