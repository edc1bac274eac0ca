using System.Globalization;

namespace DmSim.Abi;

/// <summary>A block device's number: 12 bits of major, 20 bits of minor, as Linux has them.</summary>
public readonly record struct DeviceNumber(uint Major, uint Minor) : IComparable<DeviceNumber>
{
    public const uint LoopMajor = 7;

    /// <summary>Device-mapper's major is allocated at module load; it is 254 on every kernel DmSim boots, and on the model.</summary>
    public const uint DmMajor = 254;

    public const uint MinorBits = 20;
    public const uint MaxMinor = (1u << (int)MinorBits) - 1;

    /// <summary>The user-space encoding used in dm_ioctl.dev (huge_encode_dev, include/linux/kdev_t.h).</summary>
    public ulong Encode() => (Minor & 0xffu) | (Major << 8) | ((ulong)(Minor & ~0xffu) << 12);

    /// <summary>Reverse of <see cref="Encode"/>; takes any bits, as huge_decode_dev does (which looks at the low 32 only).</summary>
    public static DeviceNumber Decode(ulong encoded)
    {
        uint dev = (uint)(encoded & 0xffffffff);
        return new DeviceNumber((dev & 0xfff00) >> 8, (dev & 0xff) | ((dev >> 12) & 0xfff00));
    }

    public static DeviceNumber Dm(uint minor) => new(DmMajor, minor);

    public static DeviceNumber Loop(int index) => new(LoopMajor, (uint)index);

    public int CompareTo(DeviceNumber other) =>
        Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    /// <summary>"major:minor", the form of tables and status lines.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}:{Minor}");
}
