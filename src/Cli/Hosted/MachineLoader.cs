using System.Buffers.Binary;
using System.Text;
using DmSim.Abi;
using DmSim.Host;
using DmSim.Model.Machine;

namespace DmSim.Cli.Hosted;

/// <summary>
/// Makes a machine what it was when it was saved, by ordinary requests, from the bottom up: files, tables, then what hangs on them. Only
/// event numbers, which no request sets, are put in place.
/// </summary>
internal sealed class MachineLoader(ModelMachine machine, SavedMachine saved, string path)
{
    private readonly DmControl _control = new(machine);
    private readonly HashSet<string> _present = [];

    private BadInputException Refused(string why) => new($"The machine in {path} cannot be had again: {why}.");

    private static T Now<T>(ValueTask<T> work) => work.IsCompleted ? work.Result : throw new InvalidOperationException("a fresh machine makes nobody wait");

    public void Load()
    {
        var loops = saved.Loops.ToList();
        var devices = saved.Devices.ToList();
        while (loops.Count + devices.Count > 0)
        {
            int before = loops.Count + devices.Count;
            foreach (var loop in loops.Where(loop => loop.Node is null || _present.Contains(loop.Node)).ToList())
            {
                Attach(loop);
                loops.Remove(loop);
            }
            foreach (var device in devices.Where(device => device.Needs.All(IsPresent)).ToList())
            {
                Create(device);
                devices.Remove(device);
            }
            if (loops.Count + devices.Count == before)
                throw Refused($"{devices.FirstOrDefault()?.Name ?? $"loop{loops[0].Number}"} needs a device that is not in it");
        }
        foreach (var device in saved.Devices)
            LoadInactive(device);
        // What lies on top first: it lets go of what is below.
        foreach (var device in saved.Devices.Where(device => device.Suspended && device.Live is not null).OrderByDescending(device => device.Needs.Count))
            Expect(Now(_control.SuspendAsync(NumberOf(device))).Errno, device, "suspended");
        foreach (var device in saved.Devices)
            machine.RestoreEventNr(NumberOf(device), device.EventNr);
        machine.Log.TakeNew();
        machine.Uevents.TakeNew();
    }

    /// <summary>A loop device that had no file is there too, when a table names it.</summary>
    private bool IsPresent(string number) =>
        _present.Contains(number) || (number.StartsWith("7:", StringComparison.Ordinal) && saved.Loops.All(loop => DeviceNumber.Loop(loop.Number).ToString() != number));

    private DeviceNumber Number(string text) =>
        text.Split(':') is [var major, var minor] && uint.TryParse(major, out uint first) && uint.TryParse(minor, out uint second)
            ? new DeviceNumber(first, second)
            : throw Refused($"{text} is no device number");

    private static DeviceNumber NumberOf(SavedDevice device) => new(DeviceNumber.DmMajor, device.Minor);

    private void Expect(Errno errno, SavedDevice device, string what)
    {
        if (errno == Errno.None)
            return;
        string[] log = [.. machine.Log.TakeNew().Select(line => line.Text)];
        throw Refused($"{device.Name} could not be {what} ({errno}){(log.Length > 0 ? $": {log[^1]}" : "")}");
    }

    private void Create(SavedDevice device)
    {
        var number = NumberOf(device);
        Expect(Now(_control.CreateAsync(device.Name, device.Uuid, device.Minor)).Errno, device, "created");
        if (device.Live is { } live)
        {
            Expect(Now(_control.LoadAsync(number, Table(device, live), device.ReadOnly)).Errno, device, "given its table");
            Expect(Now(_control.ResumeAsync(number)).Errno, device, "resumed");
        }
        _present.Add(number.ToString());
    }

    private void LoadInactive(SavedDevice device)
    {
        if (device.Inactive is { } inactive)
            Expect(Now(_control.LoadAsync(NumberOf(device), Table(device, inactive), device.ReadOnly)).Errno, device, "given its second table");
    }

    private IReadOnlyList<TableLine> Table(SavedDevice device, string text) =>
        TableText.TryParse(text, out var lines, out string reason) ? lines : throw Refused($"the table of {device.Name} is none: {reason}");

    private void Attach(SavedLoop loop)
    {
        var number = DeviceNumber.Loop(loop.Number);
        if (machine.OpenNode(number, OpenMode.ReadWrite, out var handle) != Errno.None)
            throw Refused($"loop{loop.Number} is not to be had");
        bool writable = (loop.Flags & LoopInfo.LO_FLAGS_READ_ONLY) == 0;
        var file = loop switch
        {
            { Node: { } node } => HostFiles.OfNode(Number(node), writable),
            { Contents: { } contents } => HostFiles.MakeDeleted($"loop{loop.Number}", contents),
            { File: { } name } => HostFiles.Open(name, writable) ?? throw Refused($"the file {name} behind loop{loop.Number} cannot be opened: put it back where it was"),
            _ => throw Refused($"nothing is said of what was behind loop{loop.Number}"),
        };
        byte[] bytes = new byte[BlockIoctl.LOOP_CONFIGURE.ArgumentBytes().In];
        var info = bytes.AsSpan(LoopInfo.ConfigInfoOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(LoopInfo.ConfigBlockSizeOffset), loop.BlockSize);
        BinaryPrimitives.WriteUInt64LittleEndian(info[LoopInfo.OffsetOffset..], loop.Offset);
        BinaryPrimitives.WriteUInt64LittleEndian(info[LoopInfo.SizelimitOffset..], loop.SizeLimit);
        BinaryPrimitives.WriteUInt32LittleEndian(info[LoopInfo.FlagsOffset..], loop.Flags);
        byte[] name64 = Encoding.UTF8.GetBytes(loop.File ?? "");
        name64.AsSpan(0, Math.Min(name64.Length, LoopInfo.LO_NAME_SIZE - 1)).CopyTo(info[LoopInfo.FileNameOffset..]);
        var errno = Now(handle!.IoctlAsync((uint)BlockIoctl.LOOP_CONFIGURE, 0, bytes, file));
        handle.Dispose();
        if (errno != Errno.None)
            throw Refused($"loop{loop.Number} does not take its file ({errno})");
        _present.Add(number.ToString());
    }
}
