using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Property.Thin;

/// <summary>
/// Plays the commands of a transcript on the model. A transcript is what Transcripts/record.sh prints on a real kernel: lines
/// "> command", each followed by what the kernel answered, and, indented, what it logged. A command that succeeds and has nothing to
/// show says nothing; one that fails says its errno.
/// </summary>
internal sealed class TranscriptPlayer : IAsyncDisposable
{
    private readonly ModelMachine _machine = new(KernelProfile.Linux61);
    private readonly DmControl _control;
    private readonly Dictionary<string, Task<string[]>> _started = [];
    private readonly Dictionary<int, SparseStore> _stores = [];

    public TranscriptPlayer() => _control = new DmControl(_machine);

    /// <summary>The transcript that the model writes for the commands and comments in another one.</summary>
    public static async Task<string> PlayAsync(string transcript)
    {
        await using var player = new TranscriptPlayer();
        var lines = new List<string>();
        foreach (string line in transcript.Split('\n'))
        {
            if (line.StartsWith('>'))
                lines.AddRange([line, .. player.Perform(line[2..]), .. player._machine.Log.TakeNew().Select(l => "  " + l.Text)]);
            else if (line.StartsWith('#'))
                lines.Add(line);
        }
        return string.Concat(lines.Select(l => l + "\n"));
    }

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    private string[] Perform(string command)
    {
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words[0] == "start")
        {
            _started[words[1]] = PerformAsync(words[2..]);
            return [];
        }
        if (words[0] == "look")
            return _started[words[1]] is { IsCompleted: true } done ? ["done", .. done.Result] : ["pending"];
        var task = PerformAsync(words);
        if (!task.IsCompleted)
            throw new InvalidOperationException($"\"{command}\" waits: start it");
        return task.GetAwaiter().GetResult();
    }

    private async Task<string[]> PerformAsync(string[] words)
    {
        string name = words.Length > 1 ? words[1] : "";
        string rest = string.Join(' ', words.Skip(2));
        switch (words[0])
        {
            case "loop":
                return Said(Attach(int.Parse(name), ulong.Parse(rest)));
            case "grow":
                return Said(await _machine.Loops.ResizeAsync(int.Parse(name), ulong.Parse(rest) * 512));
            case "make":
                return Said((await _control.CreateAsync(name)).Errno);
            case "create":
                return await CreateAsync(name, rest);
            case "load":
                return Said((await _control.LoadAsync(name, Lines(rest))).Errno);
            case "clear":
                return Said((await _control.ClearAsync(name)).Errno);
            case "resume":
                return Said((await _control.ResumeAsync(name)).Errno);
            case "remove":
                return Said((await _control.RemoveAsync(name)).Errno);
            case "suspend":
                return Said((await _control.SuspendAsync(name)).Errno);
            case "suspend-noflush":
                return Said((await _control.SuspendAsync(name, noFlush: true)).Errno);
            case "message":
                return Said((await _control.MessageAsync(name, rest)).Reply.Errno);
            case "status":
                return Said(await _control.StatusAsync(name));
            case "status-noflush":
                return Said(await _control.StatusAsync(name, noFlush: true));
            case "table":
                return Said(await _control.TableAsync(name));
            case "event":
                return [(await _control.InfoAsync(name)).Header.EventNr.ToString()];
            case "sleep":
                await _machine.Clock.AdvanceToAsync(_machine.Clock.Now + TimeSpan.FromSeconds(double.Parse(name)));
                return [];
            case "dump":
                return [.. ThinTools.Dump(Image(_stores[int.Parse(name)])).TrimEnd('\n').Split('\n')];
            case "tear":
                _stores[int.Parse(name)].Write(ulong.Parse(words[2]), [Convert.ToByte(words[3], 16)]);
                return [];
            default:
                return await PerformIoAsync(words);
        }
    }

    private async Task<string[]> PerformIoAsync(string[] words)
    {
        // An open that fails is a write or read that fails.
        var errno = _machine.Open(await DeviceAsync(words[1]), words[0] is "read" or "limits" ? OpenMode.Read : OpenMode.Write, out var file);
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
                    return result.Errno == Errno.None ? [Runs(read)] : Said(result.Errno);
                case "discard":
                    return Said(await file.DiscardAsync(numbers[0] * 512, numbers[1] * 512));
                case "flush":
                    return Said(await file.FlushAsync());
                case "limits":
                    var limits = file.Limits();
                    uint maxSectors = _machine.Kernel.Devices.Find(file.Device)!.Limits.MaxSectors;
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

    private Errno Attach(int index, ulong sectors)
    {
        _stores[index] = new SparseStore(sectors * 512);
        return _machine.Kernel.Loops.Attach(index, _stores[index], readOnly: false);
    }

    private async ValueTask<DeviceNumber> DeviceAsync(string name) => name.StartsWith("loop", StringComparison.Ordinal)
        ? DeviceNumber.Loop(int.Parse(name[4..]))
        : (await _control.InfoAsync(name)).Header.Device;

    private static IReadOnlyList<TableLine> Lines(string table) =>
        TableText.TryParse(table, out var lines, out string reason) ? lines : throw new FormatException(reason);

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

    private static byte[] Image(SparseStore store)
    {
        byte[] image = new byte[store.Length];
        store.Read(0, image);
        return image;
    }
}
