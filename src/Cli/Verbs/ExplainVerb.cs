using System.CommandLine;
using System.Text.RegularExpressions;
using DmSim.Abi;
using DmSim.Harness.Explaining;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim explain: a table word by word, and what the kernel would say to it. Creates nothing.</summary>
public sealed partial class ExplainVerb : IVerb
{
    /// <summary>A loop device whose size was not given fits any table that people write.</summary>
    private static readonly Sectors Ample = new(1UL << 40);

    private readonly Argument<string[]> _table = new("table")
    {
        Description = "lines as dmsetup takes them, each an argument of its own or behind a line feed: \"START LENGTH TYPE WORDS…\"",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string[]> _loops = new("--loop")
    {
        Description = "size of a loop device: 0=100000s (sectors), 1=64M; the others are as large as it takes", HelpName = "N=SIZE",
    };

    private readonly Option<string[]> _devices = new("--device")
    {
        Description = "a mapped device that is there already", HelpName = "NAME=TABLE",
    };

    private readonly Option<string[]> _messages = new("--message")
    {
        Description = "a message to one of these, such as pool=\"create_thin 0\"", HelpName = "NAME=TEXT",
    };

    private readonly Option<bool> _readOnly = new("--readonly") { Description = "load the table read-only" };

    public string Name => "explain";

    public Command Build()
    {
        var command = new Command(Name, "Explains a table word by word, tries it on a simulated machine, and says why it would be refused.")
        {
            _table, _loops, _devices, _messages, _readOnly,
        };
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(_ => RunAsync(parsed), cancel));
        return command;
    }

    /// <returns>0 when the kernel would take the table, 1 when not.</returns>
    private async Task<int> RunAsync(ParseResult parsed)
    {
        string text = string.Join('\n', parsed.GetValue(_table)!);
        if (!TableText.TryParse(text, out var table, out string reason))
            throw new BadInputException($"This is no table, {reason}: dmsetup would not even ask the kernel. A line is START LENGTH TYPE WORDS….");
        if (table.Count == 0)
            throw new BadInputException("There is no line in this table: give at least one, START LENGTH TYPE WORDS….");
        string[] devices = parsed.GetValue(_devices) ?? [];
        var machine = new ModelMachine(KernelProfile.Linux61);
        machine.PathLookup = path => LookUp(machine, path) is { } number ? (Errno.None, number) : (Errno.ENOENT, default);
        var assumed = await AttachAsync(machine, parsed.GetValue(_loops) ?? [], string.Join(' ', devices.Append(text)));
        foreach (string device in devices)
            await MakeAsync(device, "--device", (name, its) => TableTrial.PrepareAsync(machine, name, its));
        foreach (string message in parsed.GetValue(_messages) ?? [])
            await MakeAsync(message, "--message", (name, its) => TableTrial.MessageAsync(machine, name, its));
        var result = await TableTrial.RunAsync(machine, table, parsed.GetValue(_readOnly));
        Console.Write(TableExplanation.Write(table, result));
        if (assumed.Count > 0)
            Console.WriteLine($"\n({string.Join(", ", assumed)}: taken to be large enough; --loop N=SIZE says how large)");
        return (int)(result.Refusal is null ? ExitCode.Agree : ExitCode.Diverge);
    }

    /// <summary>The nodes as udev would make them: /dev/NAME of the kernel's names, /dev/mapper/NAME of the mapped devices.</summary>
    private static DeviceNumber? LookUp(ModelMachine machine, string path)
    {
        const string nodes = "/dev/", mapped = "/dev/mapper/";
        var devices = machine.Kernel.Devices;
        if (path.StartsWith(mapped, StringComparison.Ordinal))
            return devices.Mapped.FirstOrDefault(device => device.MapName == path[mapped.Length..])?.Number;
        return path.StartsWith(nodes, StringComparison.Ordinal) ? devices.FindName(path[nodes.Length..])?.Number : null;
    }

    /// <summary>The loop devices of the options, and those that the text names. Answers the names of the latter.</summary>
    private static async ValueTask<List<string>> AttachAsync(ModelMachine machine, string[] options, string text)
    {
        var sizes = new SortedDictionary<int, Sectors>();
        foreach (string option in options)
        {
            string[] parts = option.Split('=', 2);
            if (parts.Length != 2 || !int.TryParse(parts[0].Replace("/dev/", "", StringComparison.Ordinal).Replace("loop", "", StringComparison.Ordinal),
                    out int index) || index is < 0 or > byte.MaxValue || !SizeText.TryParse(parts[1], out var size))
                throw new BadInputException($"--loop {option} is not N=SIZE: give a number and a size, such as --loop 0=100000s or --loop 1=64M.");
            sizes[index] = size;
        }
        var assumed = new List<string>();
        foreach (Match match in LoopDevice().Matches(text))
        {
            if (int.TryParse(match.Groups[1].Value, out int index) && index <= byte.MaxValue && sizes.TryAdd(index, Ample))
                assumed.Add($"loop{index}");
        }
        foreach (var (index, size) in sizes)
            await machine.Loops.AttachAsync(index, size.ToBytes().Value, readOnly: false);
        return assumed;
    }

    private static async ValueTask MakeAsync(string option, string name, Func<string, string, ValueTask<string?>> make)
    {
        string[] parts = option.Split('=', 2);
        if (parts.Length != 2 || parts[0].Length == 0)
            throw new BadInputException($"{name} {option} is not NAME=…: give a name, = and the rest.");
        if (await make(parts[0], parts[1]) is { } why)
            throw new BadInputException($"{name} {option} is refused: {why}.");
    }

    [GeneratedRegex(@"(?<![\w/])(?:/dev/loop|7:)(\d+)\b")]
    private static partial Regex LoopDevice();
}
