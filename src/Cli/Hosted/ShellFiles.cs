using DmSim.Host;

namespace DmSim.Cli.Hosted;

/// <summary>The files that a shell on a simulated machine finds in /dev/.dmsim.</summary>
internal static class ShellFiles
{
    /// <summary>Where bash reads its settings, as a program inside names it.</summary>
    public const string SettingsPath = $"{HostSession.Folder}/bashrc";

    /// <param name="tag">The simulated kernel.</param>
    /// <param name="self">The words that start dmsim.</param>
    public static IReadOnlyDictionary<string, string> All(string tag, IEnumerable<string> self) => new Dictionary<string, string>
    {
        ["bashrc"] = Settings(tag),
        ["sbin/modprobe"] = Modprobe,
        ["bin/dmsim"] = $"#!/bin/sh\nexec {string.Join(' ', self.Select(Quote))} \"$@\"\n",
    };

    /// <summary>
    /// Found before the system's own, which looks for files of modules: here a module is there from the start, under any of its names,
    /// or it is not to be had. As script-modprobe.sh of the guests says it.
    /// </summary>
    private const string Modprobe = """
        #!/bin/sh
        for word; do
            case "$word" in -*) ;; *) name=$word; break ;; esac
        done
        module=$(printf %s "$name" | tr - _)
        for known in "$module" "dm_$module"; do
            [ ! -d "/sys/module/$known" ] || exit 0
        done
        case "$module" in dm_linear|dm_stripe|dm_striped|dm_error|dm_snapshot_origin|dm_snapshot_merge|dm_thin|brd) exit 0 ;; esac
        echo "modprobe: FATAL: Module ${name:-without a name} not found in directory /lib/modules/$(uname -r)" >&2
        exit 1

        """;

    /// <summary>
    /// The user's own settings, a prompt that names the simulated kernel, and before each prompt what the kernel has refused meanwhile. It
    /// is asked for without starting a process.
    /// </summary>
    private static string Settings(string tag) => $$"""
        [ ! -r /etc/bash.bashrc ] || . /etc/bash.bashrc
        [ ! -r ~/.bashrc ] || . ~/.bashrc
        PS1='[dmsim {{tag}}] \w\$ '
        case ":$PATH:" in *:/dev/.dmsim/bin:*) ;; *) PATH=$PATH:/dev/.dmsim/bin ;; esac
        __dmsim_why() {
            local status=$? ask line bright= plain=
            { exec {ask}<>/dev/.dmsim/ask; } 2>/dev/null || return $status
            printf 'why\0%d' $status >&$ask
            read -r line <&$ask
            [ ! -t 2 ] || [ -n "$NO_COLOR" ] || [ "$TERM" = dumb ] || { bright=$'\e[33m' plain=$'\e[0m'; }
            while IFS= read -r line <&$ask; do
                printf '%s%s%s\n' "$bright" "$line" "$plain" >&2
            done
            exec {ask}<&-
            return $status
        }
        declare -F command_not_found_handle >/dev/null || command_not_found_handle() {
            printf 'bash: %s: command not found\n' "$1" >&2
            local package=
            {{ProgramPackages.BashCase()}}
            [ -z "$package" ] || printf 'It is in the package %s: sudo apt install %s\n' "$package" "$package" >&2
            return 127
        }
        PROMPT_COMMAND=("${PROMPT_COMMAND[@]}" __dmsim_why)

        """.ReplaceLineEndings("\n");

    private static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
