using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Thin;

/// <summary>
/// Who is first when a pool is resumed while a volume's suspend without flush waits for it: the suspend, or a write that found no room. As
/// seen on 6.1 with one processor and all threads under SCHED_FIFO (area thin, seed 1, case 892, with sched_switch).
/// </summary>
[TestFixture]
public sealed class ResumeOrderTests
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
        await _control.CreateAsync("pool");
        await LoadPoolAsync(blocks: 1);
        await _control.ResumeAsync("pool");
        await _control.MessageAsync("pool", "create_thin 0");
        await _control.CreateAsync("volume");
        await LoadAsync("volume", 4, "thin", "254:0 0");
        await _control.ResumeAsync("volume");
    }

    [TearDown]
    public async Task TearDown() => await _machine.DisposeAsync();

    private Task LoadPoolAsync(uint blocks) => LoadAsync("pool", blocks, "thin-pool", $"7:0 7:1 {BlockSectors} 0 1 skip_block_zeroing");

    private async Task LoadAsync(string name, uint blocks, string type, string parameters)
    {
        var line = new TableLine(Sectors.Zero, new Sectors(blocks * BlockSectors), type, parameters);
        Assert.That((await _control.LoadAsync(name, [line])).Errno, Is.EqualTo(Errno.None));
    }

    [Test]
    public async Task A_pool_that_has_grown_lets_the_suspend_go_first()
    {
        _machine.Open((await _control.InfoAsync("volume")).Header.Device, OpenMode.ReadWrite, out var volume);
        await volume!.WriteAsync(0, new byte[512]);
        var write = volume.WriteAsync(BlockSectors * 512, new byte[512]).AsTask();
        await _control.SuspendAsync("pool");
        var suspend = _control.SuspendAsync("volume", noFlush: true).AsTask();
        Assert.That((write.IsCompleted, suspend.IsCompleted), Is.EqualTo((false, false)), "no room, and the pool is suspended");

        await LoadPoolAsync(blocks: 2);
        await _control.ResumeAsync("pool");
        Assert.That((suspend.IsCompleted, write.IsCompleted), Is.EqualTo((true, false)));

        await _control.ResumeAsync("volume");
        Assert.That((await write).Errno, Is.EqualTo(Errno.None));
    }
}
