using DmSim.Kernel.Vm;
using NUnit.Framework;
using FsProperty = FsCheck.NUnit.PropertyAttribute;

namespace DmSim.Property.Kernel;

public sealed class ElfFileTests
{
    /// <summary>A file that is ELF wherever these tests run: the shell.</summary>
    private static byte[] Program => File.ReadAllBytes("/bin/sh");

    [Test]
    public void A_program_names_its_loader_and_its_libraries()
    {
        var elf = ElfFile.TryParse(Program)!;
        Assert.That(elf.Interpreter, Is.EqualTo("/lib64/ld-linux-x86-64.so.2"));
        Assert.That(elf.Needed, Does.Contain("libc.so.6"));
        Assert.That(elf.Section(".interp"), Is.EqualTo("/lib64/ld-linux-x86-64.so.2\0"u8.ToArray()));
        Assert.That(elf.Section(".no such"), Is.Null);
    }

    [Test]
    public void The_closure_has_the_loader_and_the_libraries_of_libraries()
    {
        string mount = HostPrograms.Need("mount", "mount");
        var closure = new LibraryClosure();
        closure.Add(mount);
        Assert.That(ElfFile.TryParse(File.ReadAllBytes(mount))!.Needed, Does.Contain("libmount.so.1").And.Not.Contain("libblkid.so.1"));
        Assert.That(closure.Files.Select(Path.GetFileName),
            Is.SupersetOf((string[])["ld-linux-x86-64.so.2", "libc.so.6", "libmount.so.1", "libblkid.so.1"]), "libmount needs libblkid");
        Assert.That(closure.Files.All(File.Exists), Is.True);
    }

    [Test]
    public void A_script_and_an_empty_file_are_no_ELF() =>
        Assert.That(((byte[][])[[], "#!/bin/sh\n"u8.ToArray(), new byte[64]]).Select(ElfFile.TryParse), Is.All.Null);

    [FsProperty(MaxTest = 1000)]
    public bool Any_bytes_after_the_magic_are_read_without_throwing(byte[] bytes)
    {
        byte[] file = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, .. bytes];
        return Read(file);
    }

    [FsProperty(MaxTest = 300)]
    public bool A_damaged_program_is_read_without_throwing(int seed)
    {
        var random = new Random(seed);
        byte[] file = Program;
        // The header and the tables it points to are where damage matters.
        for (int i = 0; i < 8; i++)
            file[random.Next(i < 4 ? 64 : 0x400)] = (byte)random.Next(256);
        return Read(file[..(random.Next(2) == 0 ? file.Length : random.Next(file.Length))]);
    }

    private static bool Read(byte[] file) =>
        ElfFile.TryParse(file) is not { } elf || (elf.Needed.All(n => n.Length > 0) && elf.RunPath is not null && elf.Section(".modinfo")?.Length != -1);
}
