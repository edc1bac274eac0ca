using DmSim.Abi;


namespace DmSim.Kernel.Vm;

/// <summary>
/// The saved state of a guest that has booted and warmed up, kept in the cache: the next dmsim starts there instead of booting. A
/// state is only good for the QEMU that wrote it, so that is part of its name.
/// </summary>
/// <param name="File">The disk with the snapshot in it.</param>
/// <param name="Hello">What the guest said of itself.</param>
internal sealed record WarmState(string File, GuestHello Hello)
{
    /// <summary>Changes when the way a guest is started or saved changes.</summary>
    private const string Layout = "1";

    private const string HelloSuffix = ".hello";

    /// <summary>The state kept under the name; null when there is none or half of one.</summary>
    public static WarmState? Find(string path) => ImageCache.Touch(path) && System.IO.File.Exists(path + HelloSuffix)
        && GuestHello.TryDecode(System.IO.File.ReadAllBytes(path + HelloSuffix), out var hello) ? new WarmState(path, hello!) : null;

    /// <summary>Where the state of such a guest is kept.</summary>
    public static string PathFor(CacheDirectory cache, QemuOptions options)
    {
        string program = HostPrograms.Need("qemu-system-x86_64", "qemu-system-x86");
        var binary = new FileInfo(System.IO.File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program);
        string digest = ImageCache.Digest([Layout, options.Initramfs, options.Kernel.Image, options.CommandLine, QemuCommandLine.EmulatedCpu, $"{options.MemoryMiB}",
            binary.FullName, $"{binary.Length}", $"{binary.LastWriteTimeUtc.Ticks}"], []);
        return Path.Combine(cache.Folder("images"), $"fresh-{digest}.img");
    }

    /// <summary>Takes over a disk whose QEMU has ended. It is seen whole or not at all.</summary>
    public static WarmState Keep(string disk, string path, GuestHello hello) => SetupException.OnDisk(path, () =>
    {
        CacheDirectory.WriteWhole(path + HelloSuffix, stream => stream.Write(hello.Encode()));
        CacheDirectory.WriteWhole(path, stream =>
        {
            using var source = System.IO.File.OpenRead(disk);
            source.CopyTo(stream);
        });
        return new WarmState(path, hello);
    });

    public void Drop() => System.IO.File.Delete(File);
}
