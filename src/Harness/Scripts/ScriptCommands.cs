using System.Globalization;
using System.Text.RegularExpressions;
using DmSim.Abi;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Scripts;

/// <summary>How a command is run in a script.</summary>
internal enum ScriptRun
{
    /// <summary>In the shell itself: it cannot block, and may set variables or open descriptors.</summary>
    Here,
    /// <summary>In the background, given a moment: it may block.</summary>
    MayBlock,
}

/// <param name="HereDocument">Standard input, or null.</param>
internal sealed record ScriptCommand(ScriptRun Run, string Text, string? HereDocument = null);

/// <summary>
/// Operations as commands of an ordinary Linux box. What dmsetup cannot say (odd flags, several ways of naming at once, hostile
/// text) becomes the raw ioctl, made with perl.
/// </summary>
internal static partial class ScriptCommands
{
    public static ScriptCommand For(Operation operation) => operation switch
    {
        Operation.Control control => ForDmsetup(control) ?? RawIoctl(control),
        Operation.RawIoctl o => RawIoctl(o.Request, [.. o.Buffer]),
        Operation.Open o => new(ScriptRun.Here, $"open_handle {o.Handle} {FieldText.PrintMode(o.Mode)} {Node(o.Device)}"),
        Operation.Close o => new(ScriptRun.Here, $"close_handle {o.Handle}"),
        Operation.Read o => new(ScriptRun.MayBlock, $"read_at {Target(o.Target)} {o.Offset} {o.Length}"),
        Operation.Write o => new(ScriptRun.MayBlock, $"write_at {Target(o.Target)} {o.Offset} {o.Length} {o.Seed}"),
        Operation.Discard o => new(ScriptRun.MayBlock, $"blkdiscard -f -o {o.Offset} -l {o.Length} {Target(o.Target)}"),
        Operation.SecureErase o => new(ScriptRun.MayBlock, $"blkdiscard -f -s -o {o.Offset} -l {o.Length} {Target(o.Target)}"),
        Operation.ZeroOut o => new(ScriptRun.MayBlock, $"blkdiscard -f -z -o {o.Offset} -l {o.Length} {Target(o.Target)}"),
        Operation.Flush o => new(ScriptRun.MayBlock, $"sync {Target(o.Target)}"),
        Operation.LoopAttach o => new(ScriptRun.Here, LoopAttach(o)),
        Operation.LoopDetach o => new(ScriptRun.Here, $"losetup -d \"${{L{o.Index}:-/dev/loop{o.Index}}}\""),
        Operation.LoopResize o => new(ScriptRun.Here, $"resize_loop {o.Index} {o.Size}"),
        Operation.Attribute o => new(ScriptRun.Here,
            $"attribute \"{Number(o.Device) ?? "0:0"}\" {Shell.Word(o.Path)}{(o.Text is null ? "" : " " + Shell.Word(o.Text))}"),
        Operation.Advance o => new(ScriptRun.Here, string.Create(CultureInfo.InvariantCulture, $"sleep {o.Duration.TotalSeconds}")),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "unknown operation"),
    };

    private static string LoopAttach(Operation.LoopAttach o) =>
        $"attach_loop {o.Index} {o.Size}{If(o.ReadOnly, " -r")}{(o.BlockSize is { } block ? $" -b {block}" : "")}";

    /// <summary>The dmsetup invocation that makes exactly this ioctl; null when there is none.</summary>
    private static ScriptCommand? ForDmsetup(Operation.Control o)
    {
        if (o.Cookie != 0 || o.Extra != DmFlags.None)
            return null;
        string? device = o is Operation.OnDevice on ? Device(on.Device) : "";
        if (device is null)
            return null;
        return o switch
        {
            Operation.Create c => Create(c),
            Operation.LoadTable load => Load(load, device),
            Operation.Clear => Here($"clear {device}"),
            Operation.Suspend s => MayBlock($"suspend{If(s.NoFlush, " --noflush")}{If(s.NoLockfs, " --nolockfs")} {device}"),
            Operation.Resume r => MayBlock($"resume{If(r.NoFlush, " --noflush")}{If(r.NoLockfs, " --nolockfs")} {device}"),
            Operation.Remove r => MayBlock($"remove{If(r.Deferred, " --deferred")} {device}"),
            Operation.RemoveAll r => MayBlock($"remove_all{If(r.Deferred, " --deferred")}"),
            Operation.Rename r when IsPlainName(r.NewName) && r.Device.Name is not null => MayBlock($"rename {device} {Shell.Word(r.NewName)}"),
            Operation.SetUuid r when IsPlainName(r.NewUuid) && r.Device.Name is not null =>
                MayBlock($"rename --setuuid {device} {Shell.Word(r.NewUuid)}"),
            Operation.Message m when IsPlain(m.Text) => MayBlock($"message {device} {m.Sector} {Shell.Word(m.Text)}"),
            Operation.Wait w => MayBlock($"wait {device} {w.EventNr}"),
            Operation.SetGeometry g when Geometry().IsMatch(g.Geometry) => Here($"setgeometry {device} {g.Geometry}"),
            Operation.Info i => Here($"info{If(i.Inactive, " --inactive")} {device}"),
            Operation.Status s => Here($"status{If(s.Inactive, " --inactive")}{If(s.NoFlush, " --noflush")} {device}"),
            Operation.Table t => Here($"table{If(t.Inactive, " --inactive")}{If(t.NoFlush, " --noflush")} {device}"),
            Operation.Deps d => Here($"deps{If(d.Inactive, " --inactive")} {device}"),
            Operation.ListDevices => Here("ls"),
            Operation.ListVersions => Here("targets"),
            Operation.Version => Here("version"),
            Operation.TargetVersion t when IsPlainName(t.Type) => Here($"target-version {Shell.Word(t.Type)}"),
            _ => null,
        };
    }

    private static ScriptCommand Here(string arguments) => new(ScriptRun.Here, "dmsetup " + arguments);
    private static ScriptCommand MayBlock(string arguments) => new(ScriptRun.MayBlock, "dmsetup " + arguments);
    private static string If(bool condition, string text) => condition ? text : "";

    private static ScriptCommand? Create(Operation.Create c)
    {
        if (!IsPlainName(c.Name) || (c.Uuid is not null && !IsPlainName(c.Uuid)))
            return null;
        string minor = c.Minor is { } m ? $" -j $DM -m {m}" : "";
        return Here($"create {Shell.Word(c.Name)} --notable{(c.Uuid is null ? "" : " -u " + Shell.Word(c.Uuid))}{minor}");
    }

    private static ScriptCommand? Load(Operation.LoadTable load, string device)
    {
        if (load.Lines.Count == 0 || !load.Lines.All(line => IsPlainName(line.Type) && line.Type.Length < DmIoctl.DM_MAX_TYPE_NAME
            && (line.Parameters.Length == 0 || IsPlain(line.Parameters))))
            return null;
        string table = string.Concat(load.Lines.Select(line =>
            $"{line.Start} {line.Length} {line.Type} {Devices(Shell.InHereDocument(line.Parameters))}\n"));
        return Here($"load{If(load.ReadOnly, " --readonly")} {device}") with { HereDocument = table };
    }

    /// <summary>Numbers of devices that this box may have given others: loop devices and device-mapper's major.</summary>
    private static string Devices(string parameters)
    {
        string named = DeviceInBraces().Replace(parameters, match => $"$(number {Shell.Word(match.Groups[1].Value)})");
        return DeviceInNumbers().Replace(named, match => match.Groups[1].Value == "7"
            ? $"$(loop_number {match.Groups[2].Value})" : $"$DM:{match.Groups[2].Value}");
    }

    /// <summary>The device as dmsetup wants it named; null when it is named in a way that dmsetup has no words for.</summary>
    private static string? Device(DeviceRef device) => device switch
    {
        { Name: { } name, Uuid: null, Number: null } => IsPlainName(name) ? Shell.Word(name) : null,
        { Name: null, Uuid: { } uuid, Number: null } => IsPlainName(uuid) ? "-u " + Shell.Word(uuid) : null,
        { Name: null, Uuid: null, Number: { Major: DeviceNumber.DmMajor } number } => $"-j $DM -m {number.Minor}",
        _ => null,
    };

    /// <summary>A device node, as an argument of the script's own functions.</summary>
    private static string Node(DeviceRef device) => device switch
    {
        { Number: { Major: DeviceNumber.LoopMajor } number } => $"\"${{L{number.Minor}:-/dev/loop{number.Minor}}}\"",
        _ => Number(device) is { } number ? $"\"$(node {number})\"" : "/nonexistent",
    };

    /// <summary>major:minor here of a device, to stand in double quotes; null when it is not named.</summary>
    private static string? Number(DeviceRef device) => device switch
    {
        { Number: { Major: DeviceNumber.LoopMajor } number } => $"$(loop_number {number.Minor})",
        { Number: { Major: DeviceNumber.DmMajor } number } => $"$DM:{number.Minor}",
        { Number: { } number } => number.ToString(),
        { Name: { } name } => $"$(number {Shell.Word(name)})",
        { Uuid: { } uuid } => $"$(number -u {Shell.Word(uuid)})",
        _ => null,
    };

    private static string Target(IoTarget target) =>
        target.Handle is { } handle ? $"\"${{H{handle}:-/nonexistent}}\"" : Node(target.Device ?? DeviceRef.None);

    private static ScriptCommand RawIoctl(Operation.Control control)
    {
        var call = (MachineCall.Control)OperationLowering.Lower(control, World.Empty, 0).Call!;
        return RawIoctl(call.Request, call.Buffer);
    }

    private static ScriptCommand RawIoctl(uint request, byte[] buffer) => new(ScriptRun.MayBlock, string.Create(
        CultureInfo.InvariantCulture, $"dm_ioctl 0x{request:x} '{FieldText.PrintBuffer(buffer)}'"));

    /// <summary>Text that reaches the kernel through dmsetup as it stands; libdm doubles backslashes.</summary>
    private static bool IsPlain(string text) =>
        text.Length > 0 && text[0] is not ('-' or ' ') && text[^1] != ' ' && text.All(c => c is >= ' ' and <= '~' and not '\\');

    private static bool IsPlainName(string text) => IsPlain(text) && text.Length < DmIoctl.DM_NAME_LEN && !text.Any(c => c is ' ' or '/' or '#');

    [GeneratedRegex(@"^\d+ \d+ \d+ \d+$")]
    private static partial Regex Geometry();

    [GeneratedRegex(@"\{([^{}]*)\}")]
    private static partial Regex DeviceInBraces();

    [GeneratedRegex(@"(?<![\w:])(7|254):(\d+)(?![\w:])")]
    private static partial Regex DeviceInNumbers();
}
