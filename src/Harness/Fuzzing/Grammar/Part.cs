namespace DmSim.Harness.Fuzzing.Grammar;

/// <summary>What a device word of a table stands for: which of the ground's devices fit, see <see cref="Ground"/>.</summary>
public enum DeviceUse
{
    /// <summary>Something that holds data.</summary>
    Data,

    /// <summary>Something small that a target formats for itself.</summary>
    Metadata,

    /// <summary>A live thin pool.</summary>
    Pool,
}

/// <summary>
/// A piece of a target's words, as data: the generator draws from it, the mutator knows by it what a word was meant to be, and the
/// export for syzkaller prints it.
/// </summary>
public abstract record Part
{
    private Part() { }

    /// <summary>Exactly this word.</summary>
    public sealed record Word(string Text) : Part;

    /// <summary>A decimal number.</summary>
    /// <param name="Name">What it is, as the kernel's documentation calls it.</param>
    /// <param name="Bits">Width of the variable that the kernel reads it into: 32 or 64.</param>
    /// <param name="First">The least that is taken.</param>
    /// <param name="Last">The most that is taken.</param>
    /// <param name="Usual">Values with which the rest of the line can be right.</param>
    public sealed record Number(string Name, int Bits, ulong First, ulong Last, IReadOnlyList<ulong> Usual) : Part;

    /// <summary>Bytes in hexadecimal.</summary>
    public sealed record Hex(string Name, int Bytes) : Part;

    /// <summary>A device, by number or path.</summary>
    public sealed record Device(string Name, DeviceUse Use) : Part;

    /// <summary>One of several.</summary>
    public sealed record OneOf(IReadOnlyList<Part> Options) : Part;

    /// <summary>All of them, in this order.</summary>
    public sealed record Sequence(IReadOnlyList<Part> Parts) : Part;

    /// <summary>May be left out; then nothing follows it either, or the words after it do not depend on it.</summary>
    public sealed record Maybe(Part Inner) : Part;

    /// <summary>A count of words, then so many words: any of the options, each at most once. The kernel's "feature arguments".</summary>
    public sealed record Features(string Name, IReadOnlyList<Part> Options) : Part;

    /// <summary>A count, then so many of the same.</summary>
    /// <param name="Least">The smallest count that is taken.</param>
    /// <param name="Between">What stands between the count and the first; null for nothing.</param>
    public sealed record Times(string Name, int Least, int Most, Part Each, Part? Between = null) : Part;

    /// <summary>Text and a part as one word: "block_size:" and a number.</summary>
    public sealed record Glued(string Before, Part Inner) : Part;
}
