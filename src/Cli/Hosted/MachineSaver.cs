using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Machine;

namespace DmSim.Cli.Hosted;

/// <summary>Takes a machine down in writing, once its last program has ended.</summary>
internal sealed class MachineSaver(ModelMachine machine)
{
    /// <summary>A deleted file's contents go into the saved machine: not those of a whole disk.</summary>
    private const ulong LargestContents = 64 << 20;

    private readonly DmControl _control = new(machine);

    /// <exception cref="Kernel.Vm.SetupException">The machine is in a state that cannot be had again; the sentence says which.</exception>
    public SavedMachine Save()
    {
        var sync = machine.SyncAsync();
        if (!sync.IsCompleted)
            throw Refused("what programs have written still waits for a suspended device or a full pool: resume or extend it before the shell ends");
        sync.GetAwaiter().GetResult();
        var devices = machine.Kernel.Devices.Mapped.Select(Save).ToList();
        var loops = machine.Kernel.Devices.Live.OfType<LoopDevice>().Where(loop => loop.Store is not null).Select(Save).ToList();
        return new SavedMachine(SavedMachine.FormatName, SavedMachine.PresentVersion, machine.KernelTag, loops, devices);
    }

    private static Kernel.Vm.SetupException Refused(string why) => new($"The machine was not saved: {why}.");

    private static T Now<T>(ValueTask<T> work, string device) =>
        work.IsCompleted ? work.Result : throw Refused($"{device} waits for I/O: resume what it lies on before the shell ends");

    private SavedDevice Save(MappedDevice device)
    {
        var byNumber = DmSelector.ByNumber(device.Number);
        // Without DM_NOFLUSH_FLAG: a pool commits for it.
        Now(_control.StatusAsync(byNumber), device.Name);
        var info = Now(_control.InfoAsync(byNumber), device.Name).Header;
        var live = Now(_control.TableAsync(byNumber), device.Name).Value;
        var inactive = info.Has(DmFlags.DM_INACTIVE_PRESENT_FLAG) ? Now(_control.TableAsync(byNumber, inactive: true), device.Name).Value : null;
        foreach (var line in (live ?? []).Concat(inactive ?? []))
        {
            if (line.Type == "snapshot" && line.Parameters.Split(' ').ElementAtOrDefault(2)?.StartsWith('N') == true)
                throw Refused($"{info.Name} is a transient snapshot, and what such a one holds is nowhere but in memory: remove it, or make it persistent (P in the place of N)");
        }
        var needs = device.HeldDeviceNumbers.Select(number => number.ToString()).Distinct().ToList();
        return new SavedDevice(info.Name, info.Uuid.Length == 0 ? null : info.Uuid, device.Number.Minor, info.Has(DmFlags.DM_READONLY_FLAG),
            info.Has(DmFlags.DM_SUSPEND_FLAG), info.EventNr, Text(live), Text(inactive), needs);
    }

    private static string? Text(IReadOnlyList<TableLine>? lines) => lines is { Count: > 0 } ? string.Join('\n', lines) : null;

    private static SavedLoop Save(LoopDevice loop)
    {
        var store = loop.Store!;
        bool isDeleted = store.Path.EndsWith(" (deleted)", StringComparison.Ordinal);
        if (isDeleted && store.Length > LargestContents)
            throw Refused($"the file behind {loop.Name} was deleted and has {store.Length} bytes: only {LargestContents} can be kept with the machine");
        byte[]? contents = null;
        if (isDeleted)
        {
            contents = new byte[store.Length];
            if (store.Read(0, contents).Errno != Errno.None)
                throw Refused($"the file behind {loop.Name} cannot be read");
        }
        return new SavedLoop((int)loop.Number.Minor, isDeleted || store.Node is not null ? null : store.Path, contents, store.Node?.ToString(), loop.Offset,
            loop.SizeLimit, loop.Flags, loop.Limits.LogicalBlockSize, store.Length);
    }
}
