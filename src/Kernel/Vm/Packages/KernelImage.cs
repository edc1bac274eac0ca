using System.Buffers.Binary;

namespace DmSim.Kernel.Vm;

/// <summary>A kernel that can be booted, with its modules.</summary>
/// <param name="Tag">What the user calls it: "6.1", or "custom".</param>
/// <param name="Release">What uname -r says, read from the image: "6.1.0-56-cloud-amd64".</param>
/// <param name="PackageVersion">Version of the distribution's package; empty for a custom kernel.</param>
/// <param name="Image">Path of the bzImage.</param>
/// <param name="ModulesDirectory">The folder with the release's modules (below it somewhere are *.ko files).</param>
public sealed record KernelImage(string Tag, string Release, string PackageVersion, string Image, string ModulesDirectory)
{
    /// <summary>A kernel that somebody built.</summary>
    /// <param name="file">arch/x86/boot/bzImage of a build tree, or an installed vmlinuz.</param>
    /// <param name="modules">/lib/modules/RELEASE, or what `make modules_install INSTALL_MOD_PATH=…` filled, or the build tree.</param>
    public static KernelImage Custom(string file, string modules)
    {
        string release = ReadRelease(file);
        if (!Directory.Exists(modules))
            throw new SetupException($"The modules folder {modules} does not exist: give the folder that holds the kernel's *.ko files.");
        string installed = Path.Combine(modules, "lib", "modules", release);
        return new KernelImage("custom", release, "", Path.GetFullPath(file),
            Path.GetFullPath(Directory.Exists(installed) ? installed : modules));
    }

    /// <summary>
    /// Checks that a file is an x86 boot image and reads its release out of the header
    /// (Documentation/arch/x86/boot.rst: "HdrS" at 0x202, kernel_version at 0x20e).
    /// </summary>
    public static string ReadRelease(string file)
    {
        byte[] head = new byte[0x10000];
        int length;
        try
        {
            using var stream = File.OpenRead(file);
            length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The kernel file {file} cannot be read ({e.Message.TrimEnd('.')}): give a bzImage or vmlinuz.", e);
        }
        if (ReadRelease(head.AsSpan(0, length)) is { } release)
            return release;
        throw new SetupException(IsElf(head)
            ? $"{file} is an ELF file, not a boot image: give arch/x86/boot/bzImage, not vmlinux."
            : $"{file} is no x86 Linux kernel (no boot header in it): give a bzImage or vmlinuz.");
    }

    /// <summary>The release in a boot image's first 64 KiB; null when they are none.</summary>
    internal static string? ReadRelease(ReadOnlySpan<byte> head)
    {
        if (head.Length < 0x210 || !head.Slice(0x202, 4).SequenceEqual("HdrS"u8))
            return null;
        int place = BinaryPrimitives.ReadUInt16LittleEndian(head[0x20e..]) + 0x200;
        if (place == 0x200 || place >= head.Length)
            return null;
        var text = head[place..];
        int end = text.IndexOfAny((byte)' ', (byte)0);
        return end <= 0 ? null : System.Text.Encoding.ASCII.GetString(text[..end]);
    }

    private static bool IsElf(ReadOnlySpan<byte> head) => head.StartsWith((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F']);
}
