using System.Runtime.InteropServices;
using DmSim.Abi;

namespace DmSim.Kernel.Interop;

public static unsafe partial class Libc
{
    /// <summary>A non-blocking netlink socket that hears the kernel's uevents (group 1), with room for a burst of them.</summary>
    public static Errno OpenUeventSocket(int receiveBufferBytes, out int fd)
    {
        fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
        if (fd < 0)
            return LastErrno;
        // Needs CAP_NET_ADMIN; without it the smaller limit of net.core.rmem_max stays.
        _ = setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receiveBufferBytes, sizeof(int));
        var address = new sockaddr_nl { nl_family = AF_NETLINK, nl_groups = 1 };
        if (bind(fd, &address, (uint)sizeof(sockaddr_nl)) == 0)
            return Errno.None;
        var errno = LastErrno;
        Close(fd);
        return errno;
    }

    [LibraryImport(Library, SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int setsockopt(int fd, int level, int name, void* value, uint length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int bind(int fd, sockaddr_nl* address, uint length);
}
