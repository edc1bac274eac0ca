using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>
/// The users' files that this machine has behind loop devices. Two machines that write to one file would ruin it, as neither kernel
/// knows of the other: each takes a lock on a byte that no file has. The lock goes with the process.
/// </summary>
internal static class FileClaims
{
    /// <summary>Far behind the largest file (MAX_LFS_FILESIZE less a page).</summary>
    private const long LockedByte = long.MaxValue - 1;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<(ulong Device, ulong Inode), (int Lock, int Count)> Claims = [];

    /// <summary>False when another machine has the file, and one of the two may write.</summary>
    /// <param name="fd">An open descriptor of the file.</param>
    public static bool Take(int fd, ulong device, ulong inode, bool writes)
    {
        lock (Gate)
        {
            if (Claims.TryGetValue((device, inode), out var claim))
            {
                Claims[(device, inode)] = claim with { Count = claim.Count + 1 };
                return true;
            }
            // A descriptor of its own: that of the loop device may be closed while another device still has the file.
            if (Libc.OpenAt(Processes.Proc, $"self/fd/{fd}", (writes ? Libc.O_RDWR : Libc.O_RDONLY) | Libc.O_CLOEXEC, out int own) != Errno.None)
                own = -1;
            if (own >= 0 && Libc.LockByte(own, LockedByte, exclusive: writes) is Errno.EAGAIN or Errno.EACCES)
            {
                Libc.Close(own);
                return false;
            }
            // A file system without locks: nobody can know.
            Claims.Add((device, inode), (own, 1));
            return true;
        }
    }

    public static void Leave(ulong device, ulong inode)
    {
        lock (Gate)
        {
            if (!Claims.Remove((device, inode), out var claim))
                return;
            if (claim.Count > 1)
                Claims.Add((device, inode), claim with { Count = claim.Count - 1 });
            else if (claim.Lock >= 0)
                Libc.Close(claim.Lock);
        }
    }
}
