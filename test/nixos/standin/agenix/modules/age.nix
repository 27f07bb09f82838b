# agenix's options are part of the model (test/nixos/model.nix); what they do is part of the stand-in's activation.
{ }
