using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using DmSim.Abi;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Operations;
using DmSim.Kernel.Vm;

namespace DmSim.Harness.Fuzzing.Campaign;

/// <summary>
/// What a fuzzed program may not bring about, looked for in what the machine answered: complaints of the kernel, devices that stay, tables
/// that are read back otherwise than they were loaded, and answers that are not the model's.
/// </summary>
public static partial class ProgramJudge
{
    /// <summary>The first problem that the replies show, or null.</summary>
    /// <param name="model">What the model answers to the same calls; null where it does not know the targets.</param>
    public static FuzzProblem? Judge(ProgramCalls calls, IReadOnlyList<MachineReply> kernel, IReadOnlyList<MachineReply>? model) =>
        Complaint(calls, kernel) ?? (model is null ? null : Difference(calls, kernel, model)) ?? WrongReadBack(calls, kernel, model) ?? Leak(calls, kernel);

    private static FuzzProblem? Complaint(ProgramCalls calls, IReadOnlyList<MachineReply> replies)
    {
        GuestCrashDetector? detector = null;
        int at = -1;
        for (int i = 0; i < replies.Count; i++)
        {
            if (replies[i] is not MachineReply.Log { Lines: { Count: > 0 } lines })
                continue;
            foreach (var line in lines)
            {
                if (detector is null && GuestCrashDetector.Classify(line.Text) == CrashFamily.None)
                    continue;
                at = at < 0 ? calls.Purposes[i].Operation : at;
                (detector ??= new GuestCrashDetector()).Add(line.Text);
            }
        }
        return detector?.Crash is { } crash ? CrashReport.Of(crash, at) : null;
    }

    /// <summary>Whether devices are left, or loop devices are still in use: the next program would not begin as it should.</summary>
    internal static bool LeavesAnything(ProgramRun run)
    {
        for (int i = 0; i < run.Replies.Count; i++)
        {
            bool well = (run.Calls.Purposes[i].Purpose, run.Replies[i]) switch
            {
                (CallPurpose.Left, MachineReply.Control left) => left.Errno == Errno.None
                    && new DmReply(DmCommand.DM_LIST_DEVICES, left.Errno, left.Buffer).TryDevices(out var devices, out _) && devices.Count == 0,
                (CallPurpose.CleanUp, MachineReply.Status status) => status.Errno == Errno.None,
                (CallPurpose.CleanUp or CallPurpose.Left, MachineReply.Pending) => false,
                _ => true,
            };
            if (!well)
                return true;
        }
        return false;
    }

    /// <summary>
    /// Where an operation was still waiting at the end, what it holds goes when it has come to its own end, which may be after the removal.
    /// </summary>
    private static FuzzProblem? Leak(ProgramCalls calls, IReadOnlyList<MachineReply> replies)
    {
        if (replies.Where((reply, i) => reply is MachineReply.Pending && calls.Purposes[i].Purpose != CallPurpose.CleanUp).Any())
            return null;
        for (int i = 0; i < replies.Count; i++)
        {
            switch (calls.Purposes[i].Purpose)
            {
                case CallPurpose.Left when replies[i] is MachineReply.Control { Errno: Errno.None } left
                    && new DmReply(DmCommand.DM_LIST_DEVICES, left.Errno, left.Buffer).TryDevices(out var devices, out _) && devices.Count > 0:
                    return new FuzzProblem(ProblemKind.Leak, $"left after {calls.Program.About}", calls.Purposes[i].Operation,
                        $"still there at the end: {string.Join(", ", devices.Select(device => device.Name))}");
                case CallPurpose.CleanUp when replies[i] is MachineReply.Pending:
                    return new FuzzProblem(ProblemKind.Leak, $"no end after {calls.Program.About}", calls.Purposes[i].Operation, "the removal of all devices does not return");
            }
        }
        return null;
    }

    /// <summary>
    /// The last table that was taken, and is read while it is inactive, has the lines that were loaded. If these were what had been read before,
    /// it is taken, and has their words, too; except where the model, too, says that the kernel will not have it: a snapshot that is loaded and
    /// not resumed, say, keeps its store from being given to another (snapshot_ctr, drivers/md/dm-snap.c, 6.1).
    /// </summary>
    private static FuzzProblem? WrongReadBack(ProgramCalls calls, IReadOnlyList<MachineReply> replies, IReadOnlyList<MachineReply>? model)
    {
        Operation.LoadTable? taken = null;
        IReadOnlyList<TableLine>? read = null;
        for (int i = 0; i < replies.Count; i++)
        {
            if (calls.Purposes[i] is not { Purpose: CallPurpose.Operation, Operation: var index })
                continue;
            bool succeeded = replies[i] is MachineReply.Control { Errno: Errno.None };
            bool isTakenByModel = model is null || i >= model.Count || model[i] is MachineReply.Control { Errno: Errno.None };
            switch (calls.Program.Sequence.Operations[index])
            {
                case Operation.LoadTable load when read is { Count: > 0 } && load.Lines.SequenceEqual(read) && !succeeded && isTakenByModel:
                    return new FuzzProblem(ProblemKind.ReadBack, $"refused read-back of {load.Lines[0].Type}", index, $"\"{load.Lines[0]}\" was read, and is not taken");
                case Operation.LoadTable load when succeeded: taken = load; break;
                case Operation.LoadTable: break;
                case Operation.Table { Inactive: true } when taken is not null && succeeded && LinesOf((MachineReply.Control)replies[i]) is { } lines:
                    if (Compare(taken.Lines, lines, read is not null && taken.Lines.SequenceEqual(read)) is { } what)
                        return new FuzzProblem(ProblemKind.ReadBack, $"read-back of {taken.Lines[0].Type}", index, what);
                    read = lines;
                    break;
                case Operation.Table or Operation.Status or Operation.Io or Operation.Info or Operation.Deps: break;
                default: taken = null; break;
            }
        }
        return null;
    }

    /// <summary>The lines of a reply; null when there was too little room for them.</summary>
    internal static IReadOnlyList<TableLine>? LinesOf(MachineReply.Control reply) =>
        (new DmIoctl(reply.Buffer).Flags & DmFlags.DM_BUFFER_FULL_FLAG) == 0
        && new DmReply(DmCommand.DM_TABLE_STATUS, reply.Errno, reply.Buffer).TryLines(out var lines, out _) ? lines : null;

    private static string? Compare(ValueList<TableLine> loaded, IReadOnlyList<TableLine> lines, bool words)
    {
        if (lines.Count != loaded.Count)
            return $"{loaded.Count} lines were loaded, {lines.Count} are read";
        for (int i = 0; i < lines.Count; i++)
        {
            if (words ? lines[i] != loaded[i] : lines[i].Start != loaded[i].Start || lines[i].Length != loaded[i].Length || lines[i].Type != loaded[i].Type)
                return $"loaded \"{loaded[i]}\", read \"{lines[i]}\"";
        }
        return null;
    }

    private static FuzzProblem? Difference(ProgramCalls calls, IReadOnlyList<MachineReply> kernel, IReadOnlyList<MachineReply> model)
    {
        for (int i = 0; i < Math.Min(kernel.Count, model.Count); i++)
        {
            // What one waits for the other may have got; from there on they do not do the same any more.
            if (kernel[i] is MachineReply.Pending || model[i] is MachineReply.Pending)
                return null;
            if (calls.Purposes[i].Purpose is CallPurpose.SetUp && kernel[i] is MachineReply.Log || Different(kernel[i], model[i]) is not { } what)
                continue;
            int index = calls.Purposes[i].Operation;
            string verb = index >= 0 && index < calls.Program.Sequence.Operations.Count ? VerbOf(calls.Program.Sequence.Operations[index]) : "end";
            return new FuzzProblem(ProblemKind.Difference, $"{verb} {calls.Program.About}: {Normal(what)}", index, what);
        }
        return null;
    }

    /// <summary>Of raw bytes, the command.</summary>
    internal static string VerbOf(Operation operation) => operation is Operation.RawIoctl raw ? $"{(DmCommand)(raw.Request & 0xff)}" : operation.Verb;

    private static string? Different(MachineReply kernel, MachineReply model)
    {
        switch (kernel, model)
        {
            case (MachineReply.Control k, MachineReply.Control m):
                if (k.Errno != m.Errno)
                    return $"kernel {k.Errno}, model {m.Errno}";
                return k.Errno == Errno.None && !k.Buffer.AsSpan().SequenceEqual(m.Buffer) ? WhereDifferent(k.Buffer, m.Buffer) : null;
            case (MachineReply.Log k, MachineReply.Log m):
                return Unlimited(k).SequenceEqual(Unlimited(m)) || WithoutFreed(k).SequenceEqual(WithoutFreed(m)) ? null : $"log: kernel {Print(k)}, model {Print(m)}";
            case (MachineReply.Status k, MachineReply.Status m):
                return k.Errno == m.Errno ? null : $"kernel {k.Errno}, model {m.Errno}";
            case (MachineReply.Read k, MachineReply.Read m):
                return k.Result == m.Result && k.Data.AsSpan().SequenceEqual(m.Data) ? null : $"read: kernel {k.Result}, model {m.Result}";
            case (MachineReply.Write k, MachineReply.Write m):
                return k.Result == m.Result ? null : $"write: kernel {k.Result}, model {m.Result}";
            default:
                return null;
        }
    }

    private static IEnumerable<LogLine> Unlimited(MachineReply.Log log) => log.Lines.Where(IsUnlimited);

    private static IEnumerable<LogLine> WithoutFreed(MachineReply.Log log) =>
        Unlimited(log).Select(line => line with { Text = NamesOfFreed().Replace(line.Text, "$1") });

    /// <summary>
    /// What is always said: DMERR and DMWARN of the core. Of other lines ten in five seconds pass (___ratelimit, lib/ratelimit.c, 6.1), and on a
    /// machine that has been used it is not known how many there were; they are compared when a program is run alone.
    /// </summary>
    private static bool IsUnlimited(LogLine line) => line.Text.StartsWith("device-mapper: ioctl: ", StringComparison.Ordinal)
        || line.Text.StartsWith("device-mapper: table: ", StringComparison.Ordinal);

    private static string WhereDifferent(byte[] kernel, byte[] model)
    {
        int at = kernel.AsSpan().CommonPrefixLength(model);
        if (at == Math.Min(kernel.Length, model.Length))
            return $"the kernel's reply has {kernel.Length} bytes, the model's {model.Length}";
        return at < DmIoctl.Size ? $"field{at / sizeof(uint)} of the header: kernel 0x{kernel[at]:x2}, model 0x{model[at]:x2}"
            : $"payload: kernel \"{TextFrom(kernel, at)}\", model \"{TextFrom(model, at)}\"";
    }

    private static string TextFrom(byte[] bytes, int at)
    {
        var rest = bytes.AsSpan(at, Math.Min(60, bytes.Length - at));
        int end = rest.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? rest : rest[..end]);
    }

    private static string Print(MachineReply.Log log) => log.Lines.Count == 0 ? "nothing" : string.Join(" | ", log.Lines.Select(line => $"<{line.Level}>{line.Text}"));

    /// <summary>Numbers say nothing of which problem it is.</summary>
    public static string Normal(string text) => Numbers().Replace(text, "N");

    /// <summary>
    /// The name of an opening that is no more is read from freed memory, where by then may be that of another one (dm_put_device after
    /// upgrade_mode, drivers/md/dm-table.c, 6.1).
    /// </summary>
    [GeneratedRegex(@"( device )\S*(?= not in table devices list$)", RegexOptions.CultureInvariant)]
    private static partial Regex NamesOfFreed();

    [GeneratedRegex(@"\b(?:0x)?[0-9]+\b|\b[0-9a-f]{8,}\b", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();
}
