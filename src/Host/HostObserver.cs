using DmSim.Abi;

namespace DmSim.Host;

/// <summary>A program inside that asks something, of the machine or of us.</summary>
/// <param name="Thread">Its number in the supervisor's PID namespace.</param>
/// <param name="Name">comm, as the kernel's log has it.</param>
public sealed record HostCaller(uint Thread, string Name)
{
    /// <summary>Its session (setsid(2)), which one shell and what it starts share; 0 when it is gone.</summary>
    public int Session => Processes.SessionOf(Thread);
}

/// <summary>
/// Hears what the programs do. Called inside the simulation, in the order of things: it may look at the machine, and must neither
/// change it nor touch a file of the tree.
/// </summary>
public interface IHostObserver
{
    /// <summary>The kernel has logged a line.</summary>
    void Logged(LogLine line);

    /// <summary>A request to device-mapper's control node has come to its end; what it logged has been told.</summary>
    /// <param name="sent">The request as it came.</param>
    void ControlDone(HostCaller caller, uint request, byte[] sent, Errno errno);

    /// <summary>A loop device has got or lost its file.</summary>
    void LoopChanged(HostCaller caller, string device, string? file);

    /// <summary>Somebody who has written to a device has closed it.</summary>
    /// <param name="bytes">How much it was.</param>
    void Wrote(HostCaller caller, string device, ulong bytes);
}

/// <summary>What a program gets that has asked us something.</summary>
/// <param name="Status">0 when all is well; else an exit status.</param>
/// <param name="Text">What it asked for, or one sentence that says why not.</param>
public sealed record HostAnswer(int Status, string Text);
