# keel's completion for fish: keel completion fish | source
function __keel_complete
    set -l found (keel complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c keel -f -a '(__keel_complete)'
