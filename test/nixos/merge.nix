# Definitions → values, merged like in NixOS's module system, but stricter. It refuses an option that the release does
# not have, a value of another type, a path literal where it would copy a secret into the store, and the value of a
# secret anywhere.
{ options, computed }:
let
  lib = import ./lib.nix;
  inherit (builtins)
    all any attrNames concatLists concatMap concatStringsSep elem filter foldl' head isAttrs isBool isFloat isInt isList isPath isString length
    listToAttrs mapAttrs match;

  fail = loc: text: throw "model: ${concatStringsSep "." loc}: ${text}";
  kind = value: if isAttrs value then value._type or "set" else "value";

  # mkIf, mkMerge, mkOverride and mkOrder, peeled off: [ { priority; order; value; } ]
  peel =
    loc: definition:
    {
      "if" = if !isBool definition.condition then fail loc "mkIf needs a boolean" else if definition.condition then peel loc definition.content else [ ];
      merge = concatMap (peel loc) definition.contents;
      override = map (peeled: peeled // { inherit (definition) priority; }) (peel loc definition.content);
      order = map (peeled: peeled // { order = definition.priority; }) (peel loc definition.content);
    }
    .${kind definition} or [ { priority = 100; order = 1000; value = definition; } ];
  inOrder = builtins.sort (a: b: a.order < b.order);
  # those that count
  discharge =
    loc: definitions:
    let
      peeled = concatMap (peel loc) definitions;
      best = foldl' (least: { priority, ... }: if priority < least then priority else least) 9999 peeled;
    in
    map ({ value, ... }: value) (inOrder (filter ({ priority, ... }: priority == best) peeled));
  # of sets whose attributes are merged one by one: priorities count further in
  contents = loc: definitions: map ({ value, ... }: value) (concatMap (peel loc) definitions);

  isDerivation = value: isAttrs value && value.type or "" == "derivation";
  isStorePath = value: isDerivation value || isPath value || isString value && lib.hasPrefix "/nix/store/" value;
  isAtom = value: value == null || isBool value || isInt value || isFloat value || isString value;

  # whether a value is of a type, as far as its surface
  fits =
    type: value:
    {
      bool = isBool value;
      str = isString value;
      lines = isString value;
      separatedString = isString value;
      nonEmptyStr = isString value && match "[[:space:]]*" value == null;
      singleLineStr = isString value && match "[^\n]*\n?" value != null;
      strMatching = isString value && match type.re value != null;
      passwdEntryStr = isString value && match "[^\n:]*" value != null;
      passwdEntryPath = isString value && match "/[^\n:]*" value != null;
      int = isInt value;
      intBetween = isInt value && value >= type.min && value <= type.max;
      port = isInt value && value >= 0 && value <= 65535;
      enum = elem value type.values;
      path = isDerivation value || isPath value || isString value && lib.hasPrefix "/" value;
      package = isStorePath value;
      attrs = isAttrs value;
      anything = true;
      unspecified = true;
      atom = isAtom value;
      sysctlValue = isAtom value;
      format = true;
      unitName = isString value && match "[a-zA-Z0-9@%:_.\\-]+[.](service|socket|device|mount|automount|swap|target|path|timer|scope|slice)" value != null;
      unitOption = isUnitValue value || isList value && all isUnitValue value;
      nullOr = value == null || fits type.of value;
      either = any (of: fits of value) type.of;
      listOf = isList value;
      attrsOf = isAttrs value && !isDerivation value;
      submodule = isAttrs value && !isDerivation value;
      coercedTo = fits type.from value || fits type.to value;
    }
    .${type.t} or (throw "model: the type ${type.t} is not known");
  isUnitValue = value: isAtom value || isPath value || isDerivation value;

  # { value: with defaults; shown: what was defined, for a test to look at }
  plain = value: { inherit value; shown = value; };
  same =
    loc: definitions:
    if all (definition: definition == head definitions) definitions then head definitions else fail loc "is defined twice, and differently";

  merge =
    type: entry: loc: definitions:
    let
      odd = if type.t == "submodule" then [ ] else filter (definition: !fits type definition) definitions;
    in
    if odd != [ ] then
      fail loc "is ${describe (head odd)}, not ${type.t}"
    else if entry.store or false == "if-path-literal" && any isPath definitions && lib.hasPrefix "services.k3s." (concatStringsSep "." loc) then
      fail loc "a path literal would be copied into the store"
    else
      {
        lines = plain (concatStringsSep "\n" definitions);
        separatedString = plain (concatStringsSep type.sep definitions);
        nullOr = if all (definition: definition == null) definitions then plain null else merge type.of entry loc definitions;
        either =
          let
            branches = filter (of: all (fits of) definitions) type.of;
          in
          if branches == [ ] then fail loc "has definitions of different kinds" else merge (head branches) entry loc definitions;
        coercedTo = plain (if length definitions == 1 then head definitions else concatLists definitions);
        listOf =
          let
            items = contents loc (concatLists definitions);
            merged = map (item: merge type.of { } (loc ++ [ "*" ]) [ item ]) items;
          in
          { value = map (item: item.value) merged; shown = map (item: item.shown) merged; };
        attrsOf =
          let
            names = lib.unique (concatMap attrNames definitions);
            of = name: concatMap (set: lib.optional (set ? ${name}) set.${name}) definitions;
            counted = name: discharge (loc ++ [ name ]) (of name);
            # within a submodule it is the attributes that have priorities
            item = name: merge type.of { store = entry.store or false; } (loc ++ [ name ]) (if type.of.t == "submodule" then of name else counted name);
            merged = listToAttrs (concatMap (name: lib.optional (counted name != [ ]) { inherit name; value = item name; }) names);
          in
          { value = mapAttrs (_: item: item.value) merged; shown = mapAttrs (_: item: item.shown) merged; };
        submodule = namespace (options.at type.at) (type.freeform or null) loc definitions;
        attrs = plain (foldl' (a: b: a // b) { } definitions);
        anything = plain (if all isAttrs definitions then foldl' (a: b: a // b) { } definitions else same loc definitions);
        format = plain (if all isAttrs definitions then foldl' (a: b: a // b) { } definitions else same loc definitions);
        unitOption = plain (
          if any isList definitions then concatMap (definition: if isList definition then definition else [ definition ]) definitions else same loc definitions
        );
      }
      .${type.t} or (plain (same loc definitions));
  describe = value: if isString value then "the text ${builtins.toJSON value}" else builtins.typeOf value;

  # an option, or a level above options
  node =
    tree: loc: definitions:
    if tree ? option then option tree.option loc definitions else namespace tree null loc definitions;

  option =
    entry: loc: definitions:
    let
      # of sets it is the attributes that have priorities
      counted = if elem entry.t.t [ "submodule" "attrsOf" ] then contents loc definitions else discharge loc definitions;
      path = concatStringsSep "." loc;
    in
    if elem path [ "services.k3s.token" "services.k3s.agentToken" ] && counted != [ ] then
      fail loc "would put a secret's value into the world-readable store"
    else if counted == [ ] then
      { value = default entry loc; undefined = true; shown = null; }
    else
      merge entry.t entry loc counted;

  default =
    entry: loc:
    if entry.required or false then
      fail loc "has no value, and needs one"
    else if isAttrs (entry.default or null) && entry.default ? expr then
      computed loc (fail loc "its default (${entry.default.expr}) is not modelled")
    else if entry.t.t == "submodule" && entry.default or null == { } then
      (namespace (options.at entry.t.at) (entry.t.freeform or null) loc [ ]).value
    else
      entry.default or (fail loc "is unset");

  namespace =
    tree: freeform: loc: definitions:
    let
      sets = contents loc definitions;
      odd = filter (set: !isAttrs set || isDerivation set) sets;
      names = lib.unique (concatMap attrNames sets);
      unknown = filter (name: !(tree.children ? ${name})) names;
      of = name: concatMap (set: lib.optional (set ? ${name}) set.${name}) sets;
      known = mapAttrs (name: child: node child (loc ++ [ name ]) (of name)) (lib.filterAttrs (name: _: match "<.*>|\\*" name == null) tree.children);
      loose = listToAttrs (
        map (name: { inherit name; value = merge freeform.of { } (loc ++ [ name ]) (discharge (loc ++ [ name ]) (of name)); }) unknown
      );
    in
    if odd != [ ] then
      fail loc "is ${describe (head odd)}, not a set"
    else if unknown != [ ] && freeform == null then
      fail (loc ++ [ (head unknown) ]) "no such option in this release"
    else
      {
        value = mapAttrs (_: item: item.value) known // mapAttrs (_: item: item.value) loose;
        shown =
          mapAttrs (name: item: item.shown) (lib.filterAttrs (name: item: elem name names && !(item.undefined or false)) known)
          // mapAttrs (_: item: item.shown) loose;
      };
in
definitions: namespace options.root null [ ] definitions
