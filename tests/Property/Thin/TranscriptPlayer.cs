using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Property.Thin;

/// <summary>
/// Plays the commands of a transcript on the model. A transcript is what Transcripts/record.sh prints on a real kernel: lines
/// "> command", each followed by what the kernel answered, and, indented, what it logged. A command that succeeds and has nothing to
/// show says nothing; one that fails says its errno.
/// </summary>
internal sealed class TranscriptPlayer(IMachine machine)
{
    private readonly DmControl _control = new(machine);
    private readonly Dictionary<string, Task<string[]>> _started = [];

    /// <summary>The transcript that the model writes for the commands and comments in another one.</summary>
    public static async Task<string> PlayAsync(string transcript)
    {
        await using var model = new ModelMachine(KernelProfile.Linux61, fairScheduler: true);
        return string.Concat(new TranscriptPlayer(model).Play(transcript).Select(line => line + "\n"));
    }

    /// <summary>The lines of the transcript that the machine, a fresh one, makes of the commands and comments in another.</summary>
    public IEnumerable<string> Play(string transcript)
    {
        foreach (string line in transcript.Split('\n'))
        {
            string[] answer = line.StartsWith('>') ? [.. Perform(line[2..]), .. machine.Log.TakeNew().Select(l => "  " + l.Text)] : [];
            if (line.StartsWith('>') || line.StartsWith('#'))
                yield return line;
            foreach (string said in answer)
                yield return said;
        }
    }

    private string[] Perform(string command)
    {
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words[0] == "start")
        {
            _started[words[1]] = PerformAsync(words[2..]);
            return [];
        }
        if (words[0] == "for")
            return [.. Numbers(words).SelectMany(i => Perform(Of(i, words)))];
        if (words[0] == "look")
            return _started[words[1]] is { IsCompleted: true } done ? ["done", .. done.Result] : ["pending"];
        var task = PerformAsync(words);
        if (!task.IsCompleted)
            throw new InvalidOperationException($"\"{command}\" waits: start it");
        return task.GetAwaiter().GetResult();
    }

    private static IEnumerable<int> Numbers(string[] words) =>
        Enumerable.Range(int.Parse(words[1]), int.Parse(words[2]) - int.Parse(words[1]) + 1);

    /// <summary>The command behind "for FIRST LAST": "#" stands for the number, "@" for the one before.</summary>
    private static string Of(int number, string[] words) =>
        string.Join(' ', words.Skip(3)).Replace("#", $"{number}").Replace("@", $"{number - 1}");

    private async Task<string[]> PerformAsync(string[] words)
    {
        string name = words.Length > 1 ? words[1] : "";
        string rest = string.Join(' ', words.Skip(2));
        switch (words[0])
        {
            case "loop":
                return Said(await machine.Loops.AttachAsync(int.Parse(name), ulong.Parse(rest) * 512, readOnly: false));
            case "grow":
                return Said(await machine.Loops.ResizeAsync(int.Parse(name), ulong.Parse(rest) * 512));
            case "sleep":
                await machine.Clock.AdvanceToAsync(machine.Clock.Now + TimeSpan.FromSeconds(double.Parse(name)));
                return [];
            case "write" or "read" or "discard" or "flush" or "limits":
                return await PerformIoAsync(words);
            case "dump" or "dump-held" or "check" or "clear-needs-check" or "tear" or "hex":
                return PerformOnImage(words, int.Parse(name));
            default:
                return await PerformControlAsync(words[0], name, rest);
        }
    }

    private async Task<string[]> PerformControlAsync(string verb, string name, string rest) => verb switch
    {
        "make" => Said((await _control.CreateAsync(name)).Errno),
        "create" => await CreateAsync(name, rest),
        "load" or "load-lines" => Said((await _control.LoadAsync(name, Lines(rest))).Errno),
        "load-ro" => Said((await _control.LoadAsync(name, Lines(rest), readOnly: true)).Errno),
        "clear" => Said((await _control.ClearAsync(name)).Errno),
        "resume" => Said((await _control.ResumeAsync(name)).Errno),
        "remove" => Said((await _control.RemoveAsync(name)).Errno),
        "rename" => Said((await _control.RenameAsync(name, rest)).Errno),
        "suspend" => Said((await _control.SuspendAsync(name)).Errno),
        "suspend-noflush" => Said((await _control.SuspendAsync(name, noFlush: true)).Errno),
        "message" => Said((await _control.MessageAsync(name, rest)).Reply.Errno),
        "wait" => Said((await _control.WaitAsync(name, uint.Parse(rest))).Reply.Errno),
        "status" => Said(await _control.StatusAsync(name)),
        "status-inactive" => Said(await _control.StatusAsync(name, inactive: true)),
        "table-inactive" => Said(await _control.TableAsync(name, inactive: true)),
        "status-noflush" => Said(await _control.StatusAsync(name, noFlush: true)),
        "table" => Said(await _control.TableAsync(name)),
        "event" => [(await _control.InfoAsync(name)).Header.EventNr.ToString()],
        "state" => [((await _control.InfoAsync(name)).Header.Flags & DmFlags.DM_SUSPEND_FLAG) != 0 ? "suspended" : "active"],
        _ => throw new FormatException($"no command {verb}"),
    };

    /// <summary>Works on what lies on a loop device.</summary>
    private string[] PerformOnImage(string[] words, int loop)
    {
        byte[] image = MachineImages.Read(machine, loop);
        switch (words[0])
        {
            case "dump":
                return [.. ThinTools.Dump(image).TrimEnd('\n').Split('\n')];
            case "dump-held":
                return [.. ThinTools.Dump(image, "-m").TrimEnd('\n').Split('\n')];
            case "check":
                return [ThinTools.Run(image, "thin_check", "-q", "{}").ExitStatus == 0 ? "passes" : "fails"];
            case "clear-needs-check":
                MachineImages.Write(machine, loop, ThinTools.Changed(image, "thin_check", "-q", "--clear-needs-check-flag", "{}"));
                return [];
            case "hex":
                return [.. image.AsSpan(int.Parse(words[2]), int.Parse(words[3])).ToArray().Chunk(16).Select(Convert.ToHexStringLower)];
            default:
                Convert.FromHexString(words[3]).CopyTo(image, int.Parse(words[2]));
                MachineImages.Write(machine, loop, image);
                return [];
        }
    }

    private async Task<string[]> PerformIoAsync(string[] words)
    {
        // An open that fails is a write or read that fails.
        var errno = machine.Open(await DeviceAsync(words[1]), words[0] is "read" or "limits" ? OpenMode.Read : OpenMode.Write, out var file);
        if (file is null)
            return Said(errno);
        using (file)
        {
            ulong[] numbers = [.. words.Skip(2).Take(2).Select(ulong.Parse)];
            switch (words[0])
            {
                case "write":
                    byte[] data = new byte[numbers[1] * 512];
                    Array.Fill(data, Convert.ToByte(words[4], 16));
                    return Said((await file.WriteAsync(numbers[0] * 512, data)).Errno);
                case "read":
                    byte[] read = new byte[numbers[1] * 512];
                    var result = await file.ReadAsync(numbers[0] * 512, read);
                    return result.Errno == Errno.None ? [Runs(read[..result.Count])] : Said(result.Errno);
                case "discard":
                    return Said(await file.DiscardAsync(numbers[0] * 512, numbers[1] * 512));
                case "flush":
                    return Said(await file.FlushAsync());
                case "limits":
                    var limits = file.Limits();
                    // Not in the limits that user space asks for with one call; the model may be a planted bug's, of another assembly.
                    uint maxSectors = ((dynamic)machine).Kernel.Devices.Find(file.Device).Limits.MaxSectors;
                    return [$"{limits.IoMin} {limits.IoOpt} {maxSectors / 2} {limits.DiscardGranularity} {limits.DiscardMaxBytes}"];
                default:
                    throw new FormatException($"no command {words[0]}");
            }
        }
    }

    private async Task<string[]> CreateAsync(string name, string table)
    {
        var errno = (await _control.CreateAsync(name)).Errno;
        if (errno != Errno.None)
            return Said(errno);
        errno = (await _control.LoadAsync(name, Lines(table))).Errno;
        if (errno == Errno.None)
            errno = (await _control.ResumeAsync(name)).Errno;
        if (errno != Errno.None)
            await _control.RemoveAsync(name);
        return Said(errno);
    }

    private async ValueTask<DeviceNumber> DeviceAsync(string name) => name.StartsWith("loop", StringComparison.Ordinal)
        ? DeviceNumber.Loop(int.Parse(name[4..]))
        : (await _control.InfoAsync(name)).Header.Device;

    private static IReadOnlyList<TableLine> Lines(string table) =>
        TableText.TryParse(table.Replace('|', '\n'), out var lines, out string reason) ? lines : throw new FormatException(reason);

    private static string[] Said(Errno errno) => errno == Errno.None ? [] : [errno.ToString()];

    private static string[] Said(DmResult<IReadOnlyList<TableLine>> result) => result.Reply.Errno != Errno.None
        ? Said(result.Reply.Errno)
        : [TableText.Print(result.Value!).TrimEnd('\n')];

    /// <summary>The first byte of each sector, and how often: "11*8 00*4".</summary>
    private static string Runs(byte[] data)
    {
        var runs = new List<(byte Value, int Count)>();
        for (int at = 0; at < data.Length; at += 512)
        {
            if (runs.Count > 0 && runs[^1].Value == data[at])
                runs[^1] = (data[at], runs[^1].Count + 1);
            else
                runs.Add((data[at], 1));
        }
        return string.Join(' ', runs.Select(r => $"{r.Value:x2}*{r.Count}"));
    }
}
