using System.IO.Compression;
using DmSim.Abi;

namespace DmSim.Harness.Operations;

/// <summary>
/// What lies on a loop device when a case begins, as text: the bytes up to the last that is not zero, in gzip, in base 64. "base64 -d |
/// gunzip" makes a file of it.
/// </summary>
public sealed record LoopContents(string Text)
{
    // No image that a case can have is larger; text from a file could claim more than there is memory.
    private const int MaxBytes = 64 << 20;

    public static LoopContents Of(ReadOnlySpan<byte> image)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(image[..(image.LastIndexOfAnyExcept((byte)0) + 1)]);
        return new LoopContents(Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length));
    }

    /// <summary>Null when the text is none that <see cref="Of"/> writes.</summary>
    public byte[]? TryUnpack()
    {
        try
        {
            using var gzip = new GZipStream(new MemoryStream(Convert.FromBase64String(Text)), CompressionMode.Decompress);
            using var image = new MemoryStream();
            byte[] piece = new byte[1 << 16];
            int count;
            while (image.Length <= MaxBytes && (count = gzip.Read(piece)) > 0)
                image.Write(piece, 0, count);
            return image.Length <= MaxBytes ? image.ToArray() : null;
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>The blocks that are not all zeros.</summary>
    public IReadOnlyList<DumpedBlock> Blocks()
    {
        byte[] image = TryUnpack() ?? throw new InvalidOperationException("contents that were read cannot be unpacked");
        var blocks = new List<DumpedBlock>();
        for (int at = 0; at < image.Length; at += DumpedBlock.Bytes)
        {
            byte[] block = new byte[DumpedBlock.Bytes];
            image.AsSpan(at, Math.Min(block.Length, image.Length - at)).CopyTo(block);
            if (block.AsSpan().ContainsAnyExcept((byte)0))
                blocks.Add(new DumpedBlock(at / DumpedBlock.Bytes, block));
        }
        return blocks;
    }
}
