using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Thin;

/// <summary>
/// What a waiter sees that the low water mark's event wakes: it depends on where the worker that raised it sleeps next. As seen on 6.1
/// with one processor and all threads under SCHED_FIFO (area thin, seed 1, case 537, with sched_switch).
/// </summary>
[TestFixture]
public sealed class EventWaiterTests
{
    private const uint BlockSectors = 128;

    private ModelMachine _machine = null!;
    private DmControl _control = null!;

    [SetUp]
    public async Task SetUp()
    {
        _machine = new ModelMachine(KernelProfile.Linux61);
        _control = new DmControl(_machine);
        await _machine.Loops.AttachAsync(0, 1 << 20, readOnly: false);
        await _machine.Loops.AttachAsync(1, 1 << 20, readOnly: false);
        await CreateAsync("pool", 4 * BlockSectors, "thin-pool", $"7:0 7:1 {BlockSectors} 100 1 skip_block_zeroing");
        await _control.MessageAsync("pool", "create_thin 0");
    }

    [TearDown]
    public async Task TearDown() => await _machine.DisposeAsync();

    private async Task CreateAsync(string name, uint sectors, string type, string parameters)
    {
        Assert.That((await _control.CreateAsync(name)).Errno, Is.EqualTo(Errno.None));
        var line = new TableLine(Sectors.Zero, new Sectors(sectors), type, parameters);
        Assert.That((await _control.LoadAsync(name, [line])).Errno, Is.EqualTo(Errno.None));
        Assert.That((await _control.ResumeAsync(name)).Errno, Is.EqualTo(Errno.None));
    }

    /// <summary>Writes two blocks at once, which raises the event; answers the used data blocks that a waiter is told.</summary>
    private async Task<string> UsedAsAWaiterSeesItAsync()
    {
        await CreateAsync("volume", 4 * BlockSectors, "thin", "254:0 0");
        var waiter = _control.WaitAsync("pool", (await _control.InfoAsync("pool")).Header.EventNr).AsTask();
        Assert.That(waiter.IsCompleted, Is.False);
        _machine.Open((await _control.InfoAsync("volume")).Header.Device, OpenMode.ReadWrite, out var volume);
        await volume!.WriteAsync(0, new byte[2 * BlockSectors * 512]);
        return (await waiter).Value![0].Parameters.Split(' ')[2];
    }

    [Test]
    public async Task It_runs_after_all_is_done_when_the_worker_does_not_sleep() =>
        Assert.That(await UsedAsAWaiterSeesItAsync(), Is.EqualTo("2/4"));

    [Test]
    public async Task It_runs_between_two_blocks_when_the_first_allocation_has_to_read_metadata()
    {
        await _control.RemoveAsync("pool");
        await CreateAsync("pool", 4 * BlockSectors, "thin-pool", $"7:0 7:1 {BlockSectors} 100 1 skip_block_zeroing");
        Assert.That(await UsedAsAWaiterSeesItAsync(), Is.EqualTo("1/4"));
    }
}
