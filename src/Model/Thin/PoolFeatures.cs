namespace DmSim.Model.Thin;

/// <summary>enum pool_mode: what a pool may still do, from everything to nothing. The order counts.</summary>
internal enum PoolMode
{
    Write,

    /// <summary>Metadata may be changed, but no data block taken.</summary>
    OutOfDataSpace,

    /// <summary>As read-only, but growing the metadata device ends it. Shown as read-only.</summary>
    OutOfMetadataSpace,
    ReadOnly,
    Fail,
}

/// <summary>struct pool_features.</summary>
internal readonly record struct PoolFeatures()
{
    public PoolMode Mode { get; init; } = PoolMode.Write;
    public bool ZeroNewBlocks { get; init; } = true;
    public bool DiscardEnabled { get; init; } = true;
    public bool DiscardPassdown { get; init; } = true;
    public bool ErrorIfNoSpace { get; init; }

    /// <summary>The words of a table line, in the kernel's order (emit_flags).</summary>
    public IReadOnlyList<string> Words()
    {
        var words = new List<string>();
        if (!ZeroNewBlocks)
            words.Add("skip_block_zeroing");
        if (!DiscardEnabled)
            words.Add("ignore_discard");
        if (!DiscardPassdown)
            words.Add("no_discard_passdown");
        if (Mode == PoolMode.ReadOnly)
            words.Add("read_only");
        if (ErrorIfNoSpace)
            words.Add("error_if_no_space");
        return words;
    }
}
