using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Model.PersistentData;
using NUnit.Framework;

namespace DmSim.Property.PersistentData;

/// <summary>A fresh metadata device with a transaction manager on it, its superblock a block of no kind that says nothing.</summary>
internal sealed class MetadataBench
{
    public MetadataBench(int blocks = 4096, int cachedBlocksMax = 4096)
    {
        Store = new MemoryStore(blocks);
        Blocks = new BlockManager(Store, Log, cachedBlocksMax);
        Must(TransactionManager.Create(Blocks, 0, out var manager, out var space));
        Manager = manager;
        Space = space;
        Commit();
    }

    public MemoryStore Store { get; }
    public RecordingLog Log { get; } = new();
    public BlockManager Blocks { get; }
    public TransactionManager Manager { get; }
    public MetadataSpaceMap Space { get; }

    public void Commit()
    {
        Must(Manager.PreCommit());
        Must(Blocks.WriteLock(0, null, out var superblock));
        Must(Manager.Commit(superblock));
    }

    public static void Must(Errno errno) => Assert.That(errno, Is.EqualTo(Errno.None));

    public ulong UsedBlocks => Space.BlockCount - Space.FreeCount;
}

/// <summary>A btree of one level with 64-bit values, and a dictionary that says what should be in it.</summary>
internal sealed class TreeUnderTest
{
    private readonly Btree _tree;
    private ulong _root;

    public TreeUnderTest(MetadataBench bench)
    {
        _tree = new Btree(bench.Manager, 1, new PlainValueType(sizeof(ulong)));
        MetadataBench.Must(_tree.CreateEmpty(out _root));
    }

    public SortedDictionary<ulong, ulong> Expected { get; } = [];

    public void Insert(ulong key, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        MetadataBench.Must(_tree.Insert(ref _root, [key], bytes, out bool inserted));
        Assert.That(inserted, Is.EqualTo(!Expected.ContainsKey(key)));
        Expected[key] = value;
    }

    public void Remove(ulong key)
    {
        Assert.That(Expected.Remove(key), Is.True);
        MetadataBench.Must(_tree.Remove(ref _root, [key]));
    }

    /// <summary>Ends the tree: what the kernel has changed on its way to a key that is not there is lost.</summary>
    public Errno RemoveMissing(ulong key) => _tree.Remove(ref _root, [key]);

    /// <summary>Removes what a run of consecutive keys from the first one at or behind <paramref name="key"/> has.</summary>
    public void RemoveRun(ulong key, ulong end)
    {
        ulong next = key;
        MetadataBench.Must(_tree.RemoveLeaves(ref _root, ref next, end, out uint removed));
        uint expected = 0;
        foreach (ulong gone in Expected.Keys.Where(k => k >= key && k < end).ToArray())
        {
            if (gone >= next)
                break;
            Expected.Remove(gone);
            expected++;
        }
        Assert.That(removed, Is.EqualTo(expected));
    }

    public ulong? Lookup(ulong key)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        var errno = _tree.Lookup(_root, [key], bytes);
        if (errno != Errno.None)
            Assert.That(errno, Is.EqualTo(Errno.ENODATA));
        return errno == Errno.None ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : null;
    }

    public ulong? LookupNext(ulong key)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        var errno = _tree.LookupNext(_root, [key], out ulong found, bytes);
        return errno == Errno.None ? found : null;
    }

    public ulong? Highest()
    {
        MetadataBench.Must(_tree.FindHighestKey(_root, out ulong? key));
        return key;
    }

    public void Delete() => MetadataBench.Must(_tree.Delete(_root));

    public void MustHoldWhatIsExpected()
    {
        foreach (var (key, value) in Expected)
            Assert.That(Lookup(key), Is.EqualTo(value), $"key {key}");
        Assert.That(Highest(), Is.EqualTo(Expected.Count == 0 ? null : Expected.Keys.Last()));
        ulong from = 0;
        foreach (ulong key in Expected.Keys)
        {
            Assert.That(LookupNext(from), Is.EqualTo(key));
            from = key + 1;
        }
        Assert.That(LookupNext(from), Is.Null);
    }
}
