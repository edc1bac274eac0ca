using System.Globalization;
using DmSim.Abi;
using DmSim.Kernel.Interop;
using DmSim.Kernel.Vm;

namespace DmSim.Kernel.Local;

/// <summary>
/// Nodes of our own for devices, made when first asked for: whether udev or devtmpfs has made one, or under which name, does not
/// matter. A node is only a number, so it never goes stale.
/// </summary>
internal sealed class DeviceNodes(string folder)
{
    private const uint OwnerOnly = 0x180;
    private const uint MiscMajor = 10;
    private const string StandardControl = "/dev/mapper/control";

    private readonly Dictionary<DeviceNumber, string> _paths = [];

    public Errno OpenBlock(DeviceNumber device, int flags, out int fd)
    {
        string path;
        lock (_paths)
        {
            if (!_paths.TryGetValue(device, out path!))
            {
                path = string.Create(CultureInfo.InvariantCulture, $"{folder}/b{device.Major}-{device.Minor}");
                var errno = Libc.MakeNode(path, Libc.S_IFBLK | OwnerOnly, device);
                if (errno is not (Errno.None or Errno.EEXIST))
                {
                    fd = -1;
                    return errno;
                }
                _paths.Add(device, path);
            }
        }
        return Libc.Open(path, flags | Libc.O_CLOEXEC, 0, out fd);
    }

    /// <summary>Opens device-mapper's control node, the standard one or one of our own.</summary>
    public int OpenControl()
    {
        if (Libc.Open(StandardControl, Libc.O_RDWR | Libc.O_CLOEXEC, 0, out int fd) == Errno.None)
            return fd;
        uint minor = FindNumber("/proc/misc", "device-mapper") ?? throw new SetupException(
            "This kernel has no device-mapper (it is not in /proc/misc): load the module dm-mod.");
        string path = $"{folder}/control";
        var errno = Libc.MakeNode(path, Libc.S_IFCHR | OwnerOnly, new DeviceNumber(MiscMajor, minor));
        if (errno is Errno.None or Errno.EEXIST)
            errno = Libc.Open(path, Libc.O_RDWR | Libc.O_CLOEXEC, 0, out fd);
        return errno == Errno.None ? fd
            : throw new SetupException($"The device-mapper's control node {path} cannot be opened ({errno}): become root.");
    }

    /// <summary>Device-mapper's block major, or null when the module is not there.</summary>
    public static uint? FindDmMajor() => FindNumber("/proc/devices", "device-mapper");

    private static uint? FindNumber(string file, string name)
    {
        foreach (string line in File.ReadLines(file))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 2 && words[1] == name && uint.TryParse(words[0], out uint number))
                return number;
        }
        return null;
    }
}
