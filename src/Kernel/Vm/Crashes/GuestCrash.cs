namespace DmSim.Kernel.Vm;

/// <summary>What kind of complaint of the guest kernel it is.</summary>
public enum CrashFamily
{
    None = 0,
    Panic,
    Bug,
    PageFault,
    GeneralProtection,
    InvalidOpcode,
    DivideError,
    StackFault,
    Oops,
    Kasan,
    Ubsan,
    Kcsan,
    Kmsan,
    Warning,
    ListCorruption,
    Refcount,
    LockDebugging,
    AtomicContext,
    HungTask,
    SoftLockup,
    HardLockup,
    RcuStall,
    OutOfMemory,
    BadPageState,
    SlabCorruption,
    MemoryLeak,
}

/// <summary>A crash, oops, warning or hang that the guest kernel reported.</summary>
/// <param name="Title">One line that two reports of the same bug share: what happened, and in which function.</param>
/// <param name="Report">The kernel's own lines, first to last, without time stamps.</param>
public sealed record GuestCrash(CrashFamily Family, string Title, IReadOnlyList<string> Report)
{
    /// <summary>Whether the kernel cannot be trusted to go on: everything but a plain warning.</summary>
    public bool IsFatal => Family is not (CrashFamily.Warning or CrashFamily.None);
}
