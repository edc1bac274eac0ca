using System.Runtime.Intrinsics;

namespace DmSim.Abi;

/// <summary>
/// A 64-bit digest of device contents, the same on every machine and cheap without vector instructions (the guest runs under
/// emulation). Not cryptographic: it tells contents apart, nobody attacks it.
/// </summary>
public static class ContentDigest
{
    /// <summary>Four lanes of 8 bytes are taken in at a time.</summary>
    private const int StepBytes = 32;

    /// <summary>Digest of a span whose length is a multiple of 32 bytes (a sector is 512).</summary>
    public static ulong Compute(ReadOnlySpan<byte> data, ulong seed = 0)
    {
        var digest = new Running(seed);
        digest.Add(data);
        return digest.Finish();
    }

    /// <summary>The digest of contents that come in parts; the same as that of the whole.</summary>
    public unsafe struct Running(ulong seed)
    {
        /// <summary>Data is looked through for zeros in parts of this size: a page.</summary>
        private const int PartBytes = 4096;

        private Lanes _lanes = Lanes.Start(seed);
        private ulong _lengthBytes;

        /// <summary>At the end of what was added; not yet taken into the lanes.</summary>
        private ulong _zeroBytes;

        /// <param name="data">Its length is a multiple of 32 bytes.</param>
        public void Add(ReadOnlySpan<byte> data)
        {
            if (data.Length % StepBytes != 0)
                throw new ArgumentException("a digest is taken of whole sectors", nameof(data));
            _lengthBytes += (ulong)data.Length;
            fixed (byte* start = data)
            {
                byte* end = start + data.Length;
                for (byte* part = start; part < end; part += PartBytes)
                {
                    long bytes = Math.Min(PartBytes, end - part);
                    if (HasWideVectors ? !new ReadOnlySpan<byte>(part, (int)bytes).ContainsAnyExcept((byte)0)
                        : IsZero((ulong*)part, (ulong*)(part + bytes)))
                    {
                        _zeroBytes += (ulong)bytes;
                        continue;
                    }
                    TakeZeros();
                    _lanes = _lanes.After((ulong*)part, (ulong*)(part + bytes));
                }
            }
        }

        /// <summary>As many zeros, without having them: almost free where the same run was met before in the same place.</summary>
        /// <param name="bytes">A multiple of 32.</param>
        public void AddZeros(ulong bytes)
        {
            if (bytes % StepBytes != 0)
                throw new ArgumentException("a digest is taken of whole sectors", nameof(bytes));
            _lengthBytes += bytes;
            _zeroBytes += bytes;
        }

        public ulong Finish()
        {
            TakeZeros();
            return _lanes.Finish(_lengthBytes);
        }

        private void TakeZeros()
        {
            if (_zeroBytes > 0)
                _lanes = ZeroRun.After(_lanes, _zeroBytes / StepBytes);
            _zeroBytes = 0;
        }

        /// <summary>False in an emulated guest, where vector instructions are calls.</summary>
        private static readonly bool HasWideVectors = Vector256.IsHardwareAccelerated;

        private static bool IsZero(ulong* word, ulong* end)
        {
            for (; end - word >= 8; word += 8)
            {
                if ((word[0] | word[1] | word[2] | word[3] | word[4] | word[5] | word[6] | word[7]) != 0)
                    return false;
            }
            for (; word < end; word++)
            {
                if (*word != 0)
                    return false;
            }
            return true;
        }
    }

    /// <summary>The state of a digest.</summary>
    private readonly unsafe record struct Lanes(ulong A, ulong B, ulong C, ulong D)
    {
        private const ulong Prime1 = 0x9E3779B185EBCA87;
        private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;

        public static Lanes Start(ulong seed) => unchecked(new(seed + Prime1, seed ^ Prime2, seed - Prime1, seed + Prime2));

        public Lanes After(ulong* word, ulong* end)
        {
            unchecked
            {
                ulong a = A, b = B, c = C, d = D;
                for (; word < end; word += 4)
                {
                    a = (ulong.RotateLeft(a, 29) ^ word[0]) * Prime1;
                    b = (ulong.RotateLeft(b, 29) ^ word[1]) * Prime1;
                    c = (ulong.RotateLeft(c, 29) ^ word[2]) * Prime1;
                    d = (ulong.RotateLeft(d, 29) ^ word[3]) * Prime1;
                }
                return new Lanes(a, b, c, d);
            }
        }

        /// <summary>After <paramref name="steps"/> times 32 zeros.</summary>
        public Lanes AfterZeros(ulong steps)
        {
            unchecked
            {
                ulong a = A, b = B, c = C, d = D;
                for (; steps > 0; steps--)
                {
                    a = ulong.RotateLeft(a, 29) * Prime1;
                    b = ulong.RotateLeft(b, 29) * Prime1;
                    c = ulong.RotateLeft(c, 29) * Prime1;
                    d = ulong.RotateLeft(d, 29) * Prime1;
                }
                return new Lanes(a, b, c, d);
            }
        }

        public ulong Finish(ulong lengthBytes)
        {
            return Mix(Mix(Mix(Mix(lengthBytes, A), B), C), D);

            static ulong Mix(ulong h, ulong lane)
            {
                h = unchecked((h ^ lane) * Prime2);
                return h ^ (h >> 31);
            }
        }
    }

    /// <summary>
    /// Runs of zeros that were met. Contents seldom change from one look at a device to the next, so that the same runs are met again
    /// and again in the same state. An entry is never changed, so that threads may share them.
    /// </summary>
    private sealed record ZeroRun(Lanes Before, ulong Steps, Lanes Result)
    {
        /// <summary>Shorter ones are not worth an entry.</summary>
        private const ulong LeastSteps = 64;

        private const int Entries = 1 << 12;

        private static readonly ZeroRun?[] Met = new ZeroRun?[Entries];

        public static Lanes After(Lanes before, ulong steps)
        {
            if (steps < LeastSteps)
                return before.AfterZeros(steps);
            ref var entry = ref Met[(int)((before.A ^ (before.D >> 20) ^ steps) % Entries)];
            if (Volatile.Read(ref entry) is { } met && met.Steps == steps && met.Before.A == before.A && met.Before.B == before.B
                && met.Before.C == before.C && met.Before.D == before.D)
                return met.Result;
            var result = before.AfterZeros(steps);
            Volatile.Write(ref entry, new ZeroRun(before, steps, result));
            return result;
        }
    }
}
