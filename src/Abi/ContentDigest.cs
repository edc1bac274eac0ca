using System.Runtime.InteropServices;

namespace DmSim.Abi;

/// <summary>
/// A 64-bit digest of device contents, the same on every machine and cheap without vector instructions (the guest runs under
/// emulation). Not cryptographic: it tells contents apart, nobody attacks it.
/// </summary>
public static class ContentDigest
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;

    /// <summary>Digest of a span whose length is a multiple of 32 bytes (a sector is 512).</summary>
    public static ulong Compute(ReadOnlySpan<byte> data, ulong seed = 0)
    {
        if (data.Length % 32 != 0)
            throw new ArgumentException("a digest is taken of whole sectors", nameof(data));
        unchecked
        {
            ulong a = seed + Prime1, b = seed ^ Prime2, c = seed - Prime1, d = seed + Prime2;
            var words = MemoryMarshal.Cast<byte, ulong>(data);
            for (int i = 0; i + 3 < words.Length; i += 4)
            {
                a = (ulong.RotateLeft(a, 29) ^ words[i]) * Prime1;
                b = (ulong.RotateLeft(b, 29) ^ words[i + 1]) * Prime1;
                c = (ulong.RotateLeft(c, 29) ^ words[i + 2]) * Prime1;
                d = (ulong.RotateLeft(d, 29) ^ words[i + 3]) * Prime1;
            }
            ulong h = (ulong)data.Length;
            foreach (ulong lane in (ReadOnlySpan<ulong>)[a, b, c, d])
            {
                h = (h ^ lane) * Prime2;
                h ^= h >> 31;
            }
            return h;
        }
    }
}
