using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Property.Targets;
using NUnit.Framework;

namespace DmSim.Property.Blocks;

/// <summary>Tables of partitions on loop devices. What the kernel does with good ones is in the scripts loop-partitions, -gpt and -addpart.</summary>
public sealed class PartitionTests
{
    private const int LoopSectors = 4096;

    /// <summary>A machine whose loop0 has these first bytes and is looked through.</summary>
    private static ModelMachine Scanned(byte[] start)
    {
        var machine = new ModelMachine(KernelProfile.Linux61);
        var store = new SparseStore(LoopSectors * Sectors.BytesPerSector);
        store.Write(0, start);
        machine.Kernel.Loops.Attach(0, store, readOnly: false);
        machine.OpenNode(DeviceNumber.Loop(0), OpenMode.ReadWrite, out var node);
        using (node)
        {
            byte[] info = new byte[LoopInfo.Size];
            BinaryPrimitives.WriteUInt32LittleEndian(info.AsSpan(LoopInfo.FlagsOffset), LoopInfo.LO_FLAGS_PARTSCAN);
            Assert.That(TestMachine.Now(node!.IoctlAsync((uint)BlockIoctl.LOOP_SET_STATUS64, 0, info, null)), Is.EqualTo(Errno.None));
        }
        return machine;
    }

    private static string[] Partitions(ModelMachine machine) =>
        [.. machine.BlockDevices.Where(device => device.Disk == "loop0").Select(device => $"{device.Name} {device.ReadAttribute("start")!.Trim()}+{device.Size / 512}")];

    private static void Entry(byte[] sector, int slot, byte type, uint start, uint length)
    {
        var entry = sector.AsSpan(0x1be + slot * 16);
        entry[4] = type;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], start);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], length);
        (sector[510], sector[511]) = (0x55, 0xaa);
    }

    [Test]
    public void A_chain_of_logical_partitions_that_leads_back_to_itself_ends_at_255()
    {
        byte[] disk = new byte[8 * 512];
        Entry(disk, 0, 5, 4, 1000);
        byte[] link = new byte[512];
        Entry(link, 0, 0x83, 8, 16);
        Entry(link, 1, 5, 0, 1000);
        link.CopyTo(disk, 4 * 512);
        var partitions = Partitions(Scanned(disk));
        Assert.That(partitions, Has.Length.EqualTo(252));
        Assert.That(partitions, Has.Member("loop0p1 4+2").And.Member("loop0p5 12+16").And.Member("loop0p255 12+16"));
    }

    [Test]
    public void Damaged_tables_of_both_kinds_never_throw_and_never_reach_past_the_disk()
    {
        var random = new Random(1);
        for (int round = 0; round < 3000; round++)
        {
            byte[] disk = new byte[64 * 512];
            Entry(disk, 0, (byte)(round % 3 == 0 ? 0xee : 5), round % 3 == 0 ? 1u : 4, 4000);
            Entry(disk, 1, 0x83, 64, 100);
            random.NextBytes(disk.AsSpan(512, random.Next(63 * 512)));
            (disk[4 * 512 + 510], disk[4 * 512 + 511]) = (0x55, 0xaa);
            for (int i = random.Next(4); i > 0; i--)
                disk[0x1be + random.Next(66)] ^= (byte)(1 << random.Next(8));
            var machine = Scanned(disk);
            foreach (var device in machine.BlockDevices.Where(device => device.Disk is not null))
                Assert.That(ulong.Parse(device.ReadAttribute("start")!) + device.Size / 512, Is.LessThanOrEqualTo((ulong)LoopSectors), device.Name);
        }
    }

    [Test]
    public void What_is_written_to_a_partition_lies_where_it_begins_and_a_claim_of_it_keeps_the_disk()
    {
        byte[] disk = new byte[512];
        Entry(disk, 0, 0x83, 100, 50);
        var machine = Scanned(disk);
        var number = machine.BlockDevices.Single(device => device.Name == "loop0p1").Number;
        Assert.That(number, Is.EqualTo(new DeviceNumber(259, 0)));
        Assert.That(machine.Open(number, OpenMode.ReadWrite | OpenMode.Exclusive, out var part), Is.EqualTo(Errno.None));
        byte[] data = [.. Enumerable.Repeat((byte)7, 512)];
        Assert.That(TestMachine.Now(part!.WriteAsync(49 * 512, data)).Count, Is.EqualTo(512));
        Assert.That(TestMachine.Now(part.WriteAsync(50 * 512, data)).Errno, Is.EqualTo(Errno.ENOSPC));
        Assert.That(machine.Open(DeviceNumber.Loop(0), OpenMode.Read | OpenMode.Exclusive, out _), Is.EqualTo(Errno.EBUSY));
        Assert.That(machine.Open(DeviceNumber.Loop(0), OpenMode.Read, out var whole), Is.EqualTo(Errno.None));
        byte[] read = new byte[512];
        Assert.That(TestMachine.Now(whole!.ReadAsync(149 * 512, read)).Count, Is.EqualTo(512));
        Assert.That(read, Is.EqualTo(data));
        part.Dispose();
        Assert.That(machine.Open(DeviceNumber.Loop(0), OpenMode.Read | OpenMode.Exclusive, out _), Is.EqualTo(Errno.None));
    }
}
