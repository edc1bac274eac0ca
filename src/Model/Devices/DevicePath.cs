using System.Globalization;
using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Devices;

/// <summary>
/// What the words for a device in a table mean. The machine's user space has devtmpfs on /dev and nothing that makes links:
/// a path exists exactly for /dev/loopN and /dev/dm-N. Relative paths start at the root.
/// </summary>
internal static class DevicePath
{
    /// <summary>The first part of dm_get_device (drivers/md/dm-table.c, 6.1): EOVERFLOW, or ENODEV where there is no number.</summary>
    public static Errno Resolve(SimulatedKernel kernel, string path, out DeviceNumber number)
    {
        var scan = new Scanner(path, kernel.Profile);
        if (scan.U32(out uint major) && scan.Literal(':') && scan.U32(out uint minor) && scan.AtEnd)
        {
            number = new DeviceNumber(major, minor);
            return number.IsRepresentable() ? Errno.None : Errno.EOVERFLOW;
        }
        (var errno, number) = kernel.PathLookup is { } around ? around(path) : LookUp(kernel.Devices, path);
        if (errno == Errno.None || kernel.Profile.Has(KernelRule.PathsAreOnlyPaths))
            return errno;
        number = NameToNumber(kernel, path);
        return number == default ? Errno.ENODEV : Errno.None;
    }

    private static bool IsRepresentable(this DeviceNumber number) =>
        number.Major < 1u << (32 - (int)DeviceNumber.MinorBits) && number.Minor <= DeviceNumber.MaxMinor;

    /// <summary>lookup_bdev (block/bdev.c): the block device node that the path leads to, ENOENT, or ENOTBLK where something else is.</summary>
    private static (Errno Errno, DeviceNumber Number) LookUp(DeviceRegistry devices, string path)
    {
        if (path.Length is 0 or >= PathMax)
            return (path.Length == 0 ? Errno.ENOENT : Errno.ENAMETOOLONG, default);
        var walked = new List<string>();
        foreach (string part in path.Split('/'))
        {
            // Only a directory has something below it, be that "." or nothing; a leading slash is the root.
            if (!IsDirectory(walked))
                return (devices.FindName(walked[^1]) is null ? Errno.ENOENT : Errno.ENOTDIR, default);
            if (part is "" or ".")
                continue;
            // simple_lookup (fs/libfs.c), of a directory in memory as these are.
            if (part.Length > NameMax)
                return (Errno.ENAMETOOLONG, default);
            if (part != "..")
                walked.Add(part);
            else if (walked.Count > 0)
                walked.RemoveAt(walked.Count - 1);
        }
        if (walked is ["dev", var name] && devices.FindName(name) is { } device)
            return (Errno.None, device.Number);
        return (IsDirectory(walked) || IsCharacterDevice(walked) ? Errno.ENOTBLK : Errno.ENOENT, default);
    }

    /// <summary>What else devtmpfs has on any machine (drivers/char/mem.c and others).</summary>
    private static readonly HashSet<string> CharacterDevices = ["null", "zero", "full", "random", "urandom", "kmsg", "mem", "port", "tty", "console", "ptmx", "loop-control"];

    private static bool IsCharacterDevice(List<string> path) =>
        path is ["dev", "mapper", "control"] || (path is ["dev", var name] && CharacterDevices.Contains(name));

    private const int PathMax = 4096, NameMax = 255;

    private static bool IsDirectory(List<string> path) => path is [] or ["dev"] or ["dev", "mapper"];

    /// <summary>
    /// name_to_dev_t (init/do_mounts.c), for words that are no path: some fixed names, decimal "major:minor:offset", or a number
    /// in hexadecimal as old boot loaders gave the root device. Default when it is none of these.
    /// </summary>
    private static DeviceNumber NameToNumber(SimulatedKernel kernel, string name)
    {
        if (name.StartsWith(PartUuid, StringComparison.Ordinal))
            CheckPartUuid(kernel, name[PartUuid.Length..]);
        switch (name)
        {
            case "/dev/nfs":
                return new DeviceNumber(0, 255);
            case "/dev/cifs":
                return new DeviceNumber(0, 254);
            case "/dev/ram":
                return new DeviceNumber(1, 0);
        }
        if (name.StartsWith(PartUuid, StringComparison.Ordinal) || name.StartsWith("PARTLABEL=", StringComparison.Ordinal)
            || name.StartsWith("/dev/", StringComparison.Ordinal))
            return default;
        var scan = new Scanner(name, kernel.Profile);
        if (scan.U32(out uint major) && scan.Literal(':') && scan.U32(out uint minor)
            && scan.Literal(':') && scan.U32(out _) && !(scan.Literal(':') && !scan.AtEnd))
        {
            // sscanf of "%u:%u:%u:%c" answers 3 whatever follows the third number, but for a colon and one more character.
            var number = new DeviceNumber(major, minor);
            return number.IsRepresentable() ? number : default;
        }
        return HexToNumber(name);
    }

    private const string PartUuid = "PARTUUID=";

    /// <summary>devt_from_partuuid: no device here has partitions, so only what it says of a malformed id is left.</summary>
    private static void CheckPartUuid(SimulatedKernel kernel, string id)
    {
        const string offset = "PARTNROFF=";
        int slash = id.IndexOf('/');
        bool valid = id.Length > 0 && slash != 0;
        if (valid && slash > 0)
        {
            valid = id.AsSpan(slash + 1).StartsWith(offset, StringComparison.Ordinal);
            var scan = new Scanner(valid ? id[(slash + 1 + offset.Length)..] : "", kernel.Profile);
            valid = valid && scan.S32(out _) && scan.AtEnd;
        }
        if (!valid)
            kernel.Log.Write(3, "VFS: PARTUUID= is invalid.\nExpected PARTUUID=<valid-uuid-id>[/PARTNROFF=%d]");
    }

    /// <summary>new_decode_dev(simple_strtoul(name, &amp;p, 16)), with nothing behind the digits.</summary>
    private static DeviceNumber HexToNumber(string name)
    {
        var digits = name.AsSpan();
        if (digits.Length > 2 && digits[0] == '0' && (digits[1] | 0x20) == 'x' && char.IsAsciiHexDigit(digits[2]))
            digits = digits[2..];
        ulong value = 0;
        foreach (char c in digits)
        {
            if (!char.IsAsciiHexDigit(c))
                return default;
            value = unchecked((value << 4) + uint.Parse([c], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        }
        return DeviceNumber.Decode(value & uint.MaxValue);
    }
}
