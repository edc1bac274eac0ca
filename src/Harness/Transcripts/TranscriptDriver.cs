using System.Globalization;
using System.Text;

namespace DmSim.Harness.Transcripts;

/// <summary>What a script wrote and how it ended. Text is one char per byte.</summary>
public sealed record Transcript(string Output, string Errors, int Status)
{
    /// <summary>All of it in one text: the output, the errors with "! " in front of each line, and the status where it is not 0.</summary>
    public string ToText()
    {
        var text = new StringBuilder(Output);
        if (Output.Length > 0 && !Output.EndsWith('\n'))
            text.Append('\n');
        foreach (string line in Errors.Split('\n')[..^1])
            text.Append("! ").Append(line).Append('\n');
        if (Status != 0)
            text.Append(CultureInfo.InvariantCulture, $"exit status {Status}\n");
        return text.ToString();
    }
}

/// <summary>
/// A bash script that runs other scripts one after another, each in surroundings that are the same on every machine: an empty /tmp, no
/// devices, no log, a fixed environment, no input. It is what makes a transcript of one machine comparable with that of another.
/// </summary>
public static class TranscriptDriver
{
    private const string Mark = "\u0001";

    /// <summary>Everything is gone that a script may have left: its devices, its nodes, its files, what the kernel said.</summary>
    private const string Preamble = """
        export LC_ALL=C
        clean() {
            dmsetup remove_all --force --deferred
            losetup -D
            find /dev/mapper -mindepth 1 ! -name control -delete
            umount -l /tmp
            mount -n -t tmpfs tmpfs /tmp
            # Messages that the kernel has held back would come with the script's first: they are let out, and the count begins anew.
            sleep 6
            truncate -s 1M /run/disk; losetup /dev/loop0 /run/disk; blkdiscard -z /dev/loop0; losetup -d /dev/loop0
            sleep 6
            dmesg -C
        }
        run() {
            local status
            clean
            base64 -d >"/run/$1"
            (cd /tmp && exec env -i PATH=/dev/.dmsim/sbin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TERM=dumb \
                DM_DISABLE_UDEV=1 LVM_SUPPRESS_FD_WARNINGS=1 bash "/run/$1" </dev/null >/run/script.out 2>/run/script.err)
            status=$?
            printf '\001%s %s %s %s\n' "$1" "$status" "$(stat -c %s /run/script.out)" "$(stat -c %s /run/script.err)"
            cat /run/script.out /run/script.err
        } 2>/dev/null

        """;

    /// <param name="scripts">Names without blanks or slashes, and the scripts.</param>
    public static byte[] Write(IEnumerable<(string Name, byte[] Script)> scripts)
    {
        var text = new StringBuilder(Preamble.ReplaceLineEndings("\n"));
        foreach (var (name, script) in scripts)
        {
            if (name.Any(c => char.IsWhiteSpace(c) || c is '/' or '\'') || name.StartsWith('.'))
                throw new ArgumentException($"'{name}' cannot be the name of a script to compare.", nameof(scripts));
            text.Append(CultureInfo.InvariantCulture,
                $"run '{name}' <<'DMSIM-END'\n{Convert.ToBase64String(script, Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n")}\nDMSIM-END\n");
        }
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    /// <summary>Takes apart what the driver has printed. A script that is missing did not come to its end.</summary>
    public static IReadOnlyDictionary<string, Transcript> Read(byte[] output)
    {
        string text = Encoding.Latin1.GetString(output);
        var transcripts = new Dictionary<string, Transcript>();
        int at = 0;
        while ((at = text.IndexOf(Mark, at, StringComparison.Ordinal)) >= 0)
        {
            int end = text.IndexOf('\n', at);
            string[] words = end < 0 ? [] : text[(at + 1)..end].Split(' ');
            if (words.Length != 4 || !int.TryParse(words[1], out int status) || !int.TryParse(words[2], out int written)
                || !int.TryParse(words[3], out int errors) || end + 1 + written + errors > text.Length)
                break;
            at = end + 1;
            transcripts[words[0]] = new Transcript(text.Substring(at, written), text.Substring(at + written, errors), status);
            at += written + errors;
        }
        return transcripts;
    }
}
