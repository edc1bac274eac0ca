using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Property.Targets;
using NUnit.Framework;

namespace DmSim.Property.PageCache;

/// <summary>
/// Where a file can write while the machine goes on: only what is written back because too much is dirty takes that way, and whoever must
/// wait for it does.
/// </summary>
internal sealed class LateWritesTests
{
    private const int Piece = 64 * 1024;

    /// <summary>A tenth of memory, from which on pages are written back.</summary>
    private const int DirtyPieces = 24 * 1024 * 4096 / Piece;

    private TestMachine _test = null!;
    private LateFile _file = null!;
    private IDeviceNode _node = null!;
    private int _written;

    [SetUp]
    public void Attach()
    {
        _test = new TestMachine(2048);
        _file = new LateFile();
        _written = 0;
        Assert.That(_test.Machine.OpenNode(DeviceNumber.Loop(1), OpenMode.ReadWrite, out var node), Is.EqualTo(Errno.None));
        _node = node!;
        Assert.That(TestMachine.Now(_node.IoctlAsync((uint)BlockIoctl.LOOP_SET_FD, 0, default, _file)), Is.EqualTo(Errno.None));
    }

    [TearDown]
    public void Detach()
    {
        _node.Dispose();
        _file.Dispose();
    }

    private void Write(int pieces)
    {
        byte[] data = new byte[Piece];
        for (int end = _written + pieces; _written < end; _written++)
        {
            data[0] = unchecked((byte)_written);
            Assert.That(TestMachine.Now(_node.WriteCachedAsync((ulong)_written * Piece, data)), Is.EqualTo(IoResult.Ok(Piece)), "nobody waits who writes");
        }
    }

    [Test]
    public void What_is_too_much_in_memory_is_written_while_the_program_goes_on()
    {
        Write(DirtyPieces - 1);
        Assert.That(_file.Begun, Is.Zero, "not too much yet");
        Write(1);
        Assert.That(_file.Begun, Is.GreaterThan(0));
        Write(64);
        Assert.That(_file.Written, Is.Zero, "all of it is still under way");
        int raised = 0;
        _test.Machine.InterruptRaised = () => raised++;
        int begun = _file.Begun;
        _file.Finish(Errno.None);
        Assert.That(raised, Is.EqualTo(begun), "each is told of");
        _test.Machine.HandleInterrupts();
        Assert.That(_file.FirstBytes[0], Is.Zero);
        Assert.That(_file.FirstBytes[5 * Piece], Is.EqualTo(5));
    }

    [Test]
    public void Who_syncs_waits_for_it()
    {
        Write(DirtyPieces);
        _file.HoldsBack = true;
        var sync = _node.FlushAsync();
        Assert.That(sync.IsCompleted, Is.False);
        _file.Finish(Errno.None);
        Assert.That(sync.IsCompleted, Is.False, "nobody has told the machine");
        _test.Machine.HandleInterrupts();
        Assert.That(TestMachine.Now(sync), Is.EqualTo(Errno.None));
        Assert.That(_file.FirstBytes, Has.Count.EqualTo(DirtyPieces));
    }

    [Test]
    public void A_failure_is_heard_of()
    {
        Write(DirtyPieces);
        _file.Finish(Errno.ENOSPC);
        _test.Machine.HandleInterrupts();
        string[] log = [.. _test.Machine.Log.TakeNew().Select(static line => line.Text)];
        Assert.That(log, Has.Some.EqualTo("I/O error, dev loop1, sector 0 op 0x1:(WRITE) flags 0x104000 phys_seg 128 prio class 2"));
        Assert.That(log, Has.Some.EqualTo("Buffer I/O error on dev loop1, logical block 0, lost async page write"));
        Assert.That(TestMachine.Now(_node.FlushAsync()), Is.EqualTo(Errno.EIO));
    }

    [Test]
    public void Other_requests_come_after_it()
    {
        Write(DirtyPieces);
        byte[] sector = new byte[4096];
        Assert.That(TestMachine.Now(_node.ReadAsync((ulong)(_written + 1) * Piece, sector)), Is.EqualTo(IoResult.Ok(4096)));
        Assert.That(_file.Begun, Is.Zero, "the file was settled before it was read");
    }

    /// <summary>A queue has 128 tags: who wants more sleeps until some are given back.</summary>
    [Test]
    public void Only_so_many_are_under_way()
    {
        Write(DirtyPieces);
        for (int i = 0; i < 40 && _file.Settled == 0; i++)
            Write(32);
        Assert.That(_file.Settled, Is.GreaterThan(0));
        Assert.That(_file.MostBegun, Is.InRange(100, 128));
    }

    [Test]
    public void Little_is_written_at_once()
    {
        TestMachine.Now(_node.WriteCachedAsync(0, new byte[4096]));
        _test.Sleep(40_000);
        Assert.That((_file.Begun, _file.FirstBytes.Count), Is.EqualTo((0, 1)));
    }

    /// <summary>Knows the first byte of each piece only.</summary>
    private sealed class LateFile : IBackingFile
    {
        private readonly Queue<(ulong Offset, IReadOnlyList<ReadOnlyMemory<byte>> Pieces, Action<Errno> Written)> _begun = [];

        public string Path => "/tmp/late";
        public ulong Device => 1;
        public ulong Inode => 2;
        public bool IsRegular => true;
        public bool IsWritable => true;
        public DeviceNumber? Node => null;
        public ulong Length => 1 << 28;
        public int Begun => _begun.Count;
        public int MostBegun { get; private set; }
        public int Settled { get; private set; }
        public int Written { get; private set; }

        /// <summary>As a thread that has not come to it yet: what is written at once does not wait for it.</summary>
        public bool HoldsBack { get; set; }

        public Dictionary<ulong, byte> FirstBytes { get; } = [];

        public bool TryWriteLater(ulong offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces, Action<Errno> written)
        {
            _begun.Enqueue((offset, pieces, written));
            MostBegun = Math.Max(MostBegun, Begun);
            return true;
        }

        public void Settle()
        {
            if (Begun == 0 || HoldsBack)
                return;
            Settled++;
            Finish(Errno.None);
        }

        public void Finish(Errno errno)
        {
            while (_begun.TryDequeue(out var next))
            {
                ulong at = next.Offset;
                foreach (var piece in next.Pieces)
                {
                    Put(at, piece.Span);
                    at += (ulong)piece.Length;
                }
                next.Written(errno);
            }
        }

        public Errno Write(ulong offset, ReadOnlySpan<byte> data)
        {
            Settle();
            Put(offset, data);
            return Errno.None;
        }

        private void Put(ulong offset, ReadOnlySpan<byte> data)
        {
            Written++;
            for (int at = (int)((Piece - offset % Piece) % Piece); at < data.Length; at += Piece)
                FirstBytes[offset + (ulong)at] = data[at];
        }

        public IoResult Read(ulong offset, Span<byte> data)
        {
            Settle();
            data.Clear();
            return IoResult.Ok(data.Length);
        }

        public Errno PunchHole(ulong offset, ulong length) => Errno.None;
        public void Dispose() { }
    }
}
