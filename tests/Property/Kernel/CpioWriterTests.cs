using System.Diagnostics;
using DmSim.Kernel.Vm;
using NUnit.Framework;

namespace DmSim.Property.Kernel;

/// <summary>Archives are judged by cpio(1), which reads the same format as the kernel.</summary>
public sealed class CpioWriterTests
{
    private static byte[] Archive(Action<CpioWriter> fill)
    {
        var stream = new MemoryStream();
        using (var cpio = new CpioWriter(stream))
            fill(cpio);
        return stream.ToArray();
    }

    private static string Cpio(byte[] archive, string folder, params string[] words)
    {
        if (HostPrograms.Find("cpio") is not { } program)
        {
            Assert.Ignore("cpio is not installed (Debian: cpio)");
            return "";
        }
        string file = Path.Combine(folder, "archive.cpio");
        File.WriteAllBytes(file, archive);
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (string word in words.Append("--quiet").Append("-F").Append(file))
            start.ArgumentList.Add(word);
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd(), errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.That((process.ExitCode, errors), Is.EqualTo((0, "")));
        return output;
    }

    [Test]
    public void Parents_come_before_children_and_only_once()
    {
        using var folder = new ScratchFolder();
        byte[] archive = Archive(cpio =>
        {
            cpio.AddFile("/a/b/c.txt", "see"u8, executable: false);
            cpio.AddFile("a/b/d", "dee"u8, executable: true);
            cpio.AddDirectory("a/e/");
        });
        Assert.That(Cpio(archive, folder.Path, "-t"), Is.EqualTo("a\na/b\na/b/c.txt\na/b/d\na/e\n"));
        Assert.That(archive.Length % 512, Is.EqualTo(0), "another archive may follow in the same file");
    }

    [Test]
    public void Modes_links_and_device_nodes_are_what_cpio_lists()
    {
        using var folder = new ScratchFolder();
        byte[] archive = Archive(cpio =>
        {
            cpio.AddDirectory("d");
            cpio.AddFile("f", "1234567"u8, executable: false);
            cpio.AddFile("x", "12"u8, executable: true);
            cpio.AddSymbolicLink("l", "usr/bin");
            cpio.AddCharacterDevice("console", 5, 1);
        });
        string[] lines = Cpio(archive, folder.Path, "-tvn").TrimEnd('\n').Split('\n');
        Assert.That(lines.Select(l => l.Split(' ')[0]), Is.EqualTo((string[])["drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx", "crw-rw-rw-"]));
        Assert.That(lines[3], Does.EndWith("l -> usr/bin"));
        Assert.That(lines[4], Does.Match(@"\b5, +1\b"));
        Assert.That(lines.All(l => l.Contains(" 0 ", StringComparison.Ordinal) && l.Contains("1970", StringComparison.Ordinal)), Is.True, "no owner, no time");
    }

    [Test]
    public void Contents_of_every_length_come_out_as_they_went_in()
    {
        using var folder = new ScratchFolder();
        byte[] Contents(int length) => [.. Enumerable.Range(0, length).Select(i => unchecked((byte)(i * 7 + length)))];
        int[] lengths = [0, 1, 2, 3, 4, 5, 511, 512, 513, 70_000];
        // Names of every length modulo 4 as well: name and contents are padded each on its own.
        string Name(int length) => $"f{new string('x', length % 5)}-{length}";
        byte[] archive = Archive(cpio =>
        {
            foreach (int length in lengths)
                cpio.AddFile(Name(length), Contents(length), executable: false);
        });
        Cpio(archive, folder.Path, "-id");
        foreach (int length in lengths)
            Assert.That(File.ReadAllBytes(folder.File(Name(length))), Is.EqualTo(Contents(length)));
    }

    [Test]
    public void Nothing_is_in_an_archive_twice()
    {
        using var cpio = new CpioWriter(new MemoryStream());
        cpio.AddFile("a/f", [], executable: false);
        Assert.That(cpio.Contains("/a/f") && cpio.Contains("a") && !cpio.Contains("f"), Is.True);
        Assert.That(() => cpio.AddFile("/a/f", [], executable: false), Throws.ArgumentException);
    }

    [Test]
    public void The_same_contents_make_the_same_bytes()
    {
        void Fill(CpioWriter cpio) => cpio.AddFile("a/b", "c"u8, executable: true);
        byte[] once = Archive(Fill), again = Archive(Fill);
        Assert.That(again, Is.EqualTo(once));
    }
}
