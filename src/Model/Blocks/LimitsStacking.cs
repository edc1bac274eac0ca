using DmSim.Abi;

namespace DmSim.Model.Blocks;

/// <summary>How the limits of a stacked device follow from those below it (block/blk-settings.c, 6.1).</summary>
public static class LimitsStacking
{
    private const uint PageSectors = 4096 / Sectors.BytesPerSector;

    /// <summary>blk_set_stacking_limits: the limits to start from, which forbid nothing.</summary>
    public static QueueLimits Unlimited { get; } = new()
    {
        MaxHwSectors = uint.MaxValue,
        MaxSectors = uint.MaxValue,
        MaxDevSectors = uint.MaxValue,
        MaxWriteZeroesSectors = uint.MaxValue,
        Polls = true,
    };

    /// <summary>
    /// blk_stack_limits: <paramref name="top"/> tightened by a device below whose sector <paramref name="startSector"/> is the
    /// first one used. False where the two do not line up (the kernel's -1); the result is what the kernel goes on with.
    /// </summary>
    public static bool Stack(QueueLimits top, QueueLimits bottom, ulong startSector, out QueueLimits stacked)
    {
        bool linedUp = true;
        uint bottomAlignment = AlignmentOffset(bottom, startSector);
        if (top.AlignmentOffset != bottomAlignment)
            linedUp = IntervalsLineUp(Math.Max(top.PhysicalBlockSize, top.IoMin) + top.AlignmentOffset,
                Math.Max(bottom.PhysicalBlockSize, bottom.IoMin) + bottomAlignment);

        uint logical = Math.Max(top.LogicalBlockSize, bottom.LogicalBlockSize);
        uint physical = Math.Max(top.PhysicalBlockSize, bottom.PhysicalBlockSize);
        uint ioMin = Math.Max(top.IoMin, bottom.IoMin);
        uint ioOpt = LcmNotZero(top.IoOpt, bottom.IoOpt);
        uint chunk = bottom.ChunkSectors != 0 ? Gcd(top.ChunkSectors, bottom.ChunkSectors) : top.ChunkSectors;
        linedUp &= Correct(ref physical, (physical & (logical - 1)) == 0, logical);
        linedUp &= Correct(ref ioMin, (ioMin & (physical - 1)) == 0, physical);
        linedUp &= Correct(ref ioOpt, (ioOpt & (physical - 1)) == 0, 0);
        linedUp &= Correct(ref chunk, chunk % (physical >> Sectors.Shift) == 0, 0);
        uint alignmentOffset = LcmNotZero(top.AlignmentOffset, bottomAlignment) % Math.Max(physical, ioMin);
        linedUp &= (alignmentOffset & (logical - 1)) == 0;

        stacked = StackDiscard(top, bottom, startSector) with
        {
            MaxSectors = RoundDown(MinNotZero(top.MaxSectors, bottom.MaxSectors), logical),
            MaxHwSectors = RoundDown(MinNotZero(top.MaxHwSectors, bottom.MaxHwSectors), logical),
            MaxUserSectors = MinNotZero(top.MaxUserSectors, bottom.MaxUserSectors),
            MaxDevSectors = RoundDown(MinNotZero(top.MaxDevSectors, bottom.MaxDevSectors), logical),
            MaxWriteZeroesSectors = Math.Min(top.MaxWriteZeroesSectors, bottom.MaxWriteZeroesSectors),
            MaxSecureEraseSectors = MinNotZero(top.MaxSecureEraseSectors, bottom.MaxSecureEraseSectors),
            Misaligned = top.Misaligned || bottom.Misaligned || !linedUp,
            LogicalBlockSize = logical,
            PhysicalBlockSize = physical,
            IoMin = ioMin,
            IoOpt = ioOpt,
            ChunkSectors = chunk,
            AlignmentOffset = alignmentOffset,
            Polls = top.Polls && bottom.Polls,
        };
        return linedUp;
    }

    private static QueueLimits StackDiscard(QueueLimits top, QueueLimits bottom, ulong startSector)
    {
        if (bottom.DiscardGranularity == 0)
            return top;
        uint alignment = DiscardAlignment(bottom, startSector);
        bool misaligned = top.DiscardMisaligned;
        if (top.DiscardGranularity != 0 && top.DiscardAlignment != alignment)
            misaligned |= !IntervalsLineUp(top.DiscardGranularity + top.DiscardAlignment,
                bottom.DiscardGranularity + alignment);
        uint granularity = Math.Max(top.DiscardGranularity, bottom.DiscardGranularity);
        return top with
        {
            DiscardMisaligned = misaligned,
            MaxDiscardSectors = MinNotZero(top.MaxDiscardSectors, bottom.MaxDiscardSectors),
            MaxHwDiscardSectors = MinNotZero(top.MaxHwDiscardSectors, bottom.MaxHwDiscardSectors),
            DiscardGranularity = granularity,
            DiscardAlignment = LcmNotZero(top.DiscardAlignment, alignment) % granularity,
        };
    }

    /// <summary>queue_limit_alignment_offset.</summary>
    internal static uint AlignmentOffset(QueueLimits limits, ulong sector)
    {
        uint granularity = Math.Max(limits.PhysicalBlockSize, limits.IoMin);
        uint alignment = (uint)(sector % (granularity >> Sectors.Shift)) << Sectors.Shift;
        return (granularity + limits.AlignmentOffset - alignment) % granularity;
    }

    /// <summary>queue_limit_discard_alignment.</summary>
    private static uint DiscardAlignment(QueueLimits limits, ulong sector)
    {
        uint granularity = limits.DiscardGranularity >> Sectors.Shift;
        if (limits.MaxDiscardSectors == 0 || granularity == 0)
            return 0;
        uint offset = (uint)(sector % granularity);
        return (granularity + (limits.DiscardAlignment >> Sectors.Shift) - offset) % granularity << Sectors.Shift;
    }

    private static bool IntervalsLineUp(uint a, uint b) => Math.Max(a, b) % Math.Min(a, b) == 0;

    private static bool Correct(ref uint value, bool right, uint otherwise)
    {
        if (!right)
            value = otherwise;
        return right;
    }

    private static uint RoundDown(uint sectors, uint logicalBlockSize) =>
        Math.Max(sectors - sectors % (logicalBlockSize >> Sectors.Shift), PageSectors);

    private static uint MinNotZero(uint a, uint b) => a == 0 ? b : b == 0 ? a : Math.Min(a, b);

    private static uint Gcd(uint a, uint b)
    {
        while (b != 0)
            (a, b) = (b, a % b);
        return a;
    }

    /// <summary>lcm_not_zero, cut to 32 bits as the kernel's assignment does.</summary>
    private static uint LcmNotZero(uint a, uint b) =>
        a == 0 ? b : b == 0 ? a : unchecked((uint)((ulong)a / Gcd(a, b) * b));
}
