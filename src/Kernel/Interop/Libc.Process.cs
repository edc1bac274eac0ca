using System.Runtime.InteropServices;
using DmSim.Abi;

namespace DmSim.Kernel.Interop;

public static unsafe partial class Libc
{
    public static Errno SetTimerSlack(TimeSpan slack) =>
        prctl(PR_SET_TIMERSLACK, checked((nuint)slack.TotalNanoseconds), 0, 0, 0) < 0 ? LastErrno : Errno.None;

    /// <summary>What the kernel calls the calling thread in its log (15 characters at most).</summary>
    public static Errno SetThreadName(string name)
    {
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(name + "\0"))
            return prctl(PR_SET_NAME, (nuint)text, 0, 0, 0) < 0 ? LastErrno : Errno.None;
    }

    /// <summary>reboot(2): RB_AUTOBOOT or RB_POWER_OFF. Comes back only on refusal.</summary>
    public static Errno Reboot(int command) => reboot(command) < 0 ? LastErrno : Errno.None;

    public static uint EffectiveUser => geteuid();

    [LibraryImport(Library, SetLastError = true)]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int reboot(int command);

    [LibraryImport(Library)]
    private static partial uint geteuid();
}
