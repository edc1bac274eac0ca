namespace DmSim.Cli;

/// <summary>What dmsim's exit status means. These numbers are interface: scripts depend on them.</summary>
public enum ExitCode
{
    /// <summary>Model and kernel agree; or the verb did what it was asked.</summary>
    Agree = 0,

    /// <summary>Model and kernel differ.</summary>
    Diverge = 1,

    /// <summary>The guest kernel crashed, hung or printed an oops.</summary>
    GuestCrashed = 2,

    /// <summary>Something outside is missing or refuses: QEMU, a kernel, the cache folder, the disk.</summary>
    SetupFailed = 3,

    /// <summary>A file or argument given is not what it should be: a broken trace, an unknown area.</summary>
    BadInput = 4,

    /// <summary>The command line could not be understood.</summary>
    Usage = 64,

    /// <summary>A mistake of dmsim's own; please report it.</summary>
    InternalError = 70,

    /// <summary>Ctrl-C: ended early, with a summary of what was done.</summary>
    Interrupted = 130,
}
