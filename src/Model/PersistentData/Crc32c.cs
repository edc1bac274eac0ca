using System.Numerics;
using System.Runtime.InteropServices;

namespace DmSim.Model.PersistentData;

/// <summary>The checksum of every metadata block (dm_bm_checksum).</summary>
public static class Crc32c
{
    /// <summary>CRC-32C from all ones, without the final inversion, then mixed with a salt that tells kinds of blocks apart.</summary>
    public static uint Of(ReadOnlySpan<byte> data, uint salt)
    {
        uint crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (ulong word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (byte rest in data[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, rest);
        return crc ^ salt;
    }
}
