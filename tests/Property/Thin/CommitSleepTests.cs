using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Thin;

/// <summary>
/// What goes on while a pool's worker sleeps in a commit. As seen on 6.1 with one processor and all threads under SCHED_FIFO (area thin,
/// seed 1, case 822, with sched_switch).
/// </summary>
[TestFixture]
public sealed class CommitSleepTests
{
    private const int BlockSectors = 128;
    private const int SectorBytes = 512;

    [Test]
    public async Task A_copy_reads_before_the_commit_writes_that_a_later_block_of_the_same_pass_needs()
    {
        await using var machine = new ModelMachine(KernelProfile.Linux61);
        var control = new DmControl(machine);
        await machine.Loops.AttachAsync(0, 1 << 20, readOnly: false);
        await machine.Loops.AttachAsync(1, 1 << 20, readOnly: false);
        await CreateAsync(control, "pool", 2, "thin-pool", $"7:0 7:1 {BlockSectors} 0 1 skip_block_zeroing");
        await control.MessageAsync("pool", "create_thin 0");
        // Its external origin is the pool's metadata device, so that the copy shows when it was made.
        await CreateAsync(control, "volume", 3, "thin", "254:0 0 7:0");
        byte[] superblock = await ReadFirstSectorAsync(machine, 0);
        machine.Open((await control.InfoAsync("volume")).Header.Device, OpenMode.ReadWrite, out var volume);

        // A block to be copied, one to be overwritten, and one for which there is no room: for that the worker commits.
        var write = volume!.WriteAsync(SectorBytes, new byte[(3 * BlockSectors - 2) * SectorBytes]).AsTask();

        Assert.That(write.IsCompleted, Is.False);
        Assert.That(await ReadFirstSectorAsync(machine, 0), Is.Not.EqualTo(superblock), "the commit has written");
        Assert.That(await ReadFirstSectorAsync(machine, 1), Is.EqualTo(superblock), "the copy was made before");
    }

    private static async Task CreateAsync(DmControl control, string name, int blocks, string type, string parameters)
    {
        Assert.That((await control.CreateAsync(name)).Errno, Is.EqualTo(Errno.None));
        var line = new TableLine(Sectors.Zero, new Sectors((ulong)(blocks * BlockSectors)), type, parameters);
        Assert.That((await control.LoadAsync(name, [line])).Errno, Is.EqualTo(Errno.None));
        Assert.That((await control.ResumeAsync(name)).Errno, Is.EqualTo(Errno.None));
    }

    private static async Task<byte[]> ReadFirstSectorAsync(ModelMachine machine, int loop)
    {
        Assert.That(machine.Open(DeviceNumber.Loop(loop), OpenMode.Read, out var device), Is.EqualTo(Errno.None));
        using (device)
        {
            byte[] sector = new byte[SectorBytes];
            await device!.ReadAsync(0, sector);
            return sector;
        }
    }
}
