using System.Text;
using DmSim.Kernel.Vm;
using NUnit.Framework;

namespace DmSim.Property.Kernel;

public sealed class CacheDirectoryTests
{
    [Test]
    public void A_file_is_seen_whole_or_not_at_all()
    {
        using var folder = new ScratchFolder();
        string path = folder.File("verdict");
        CacheDirectory.WriteWhole(path, stream =>
        {
            stream.Write("works"u8);
            Assert.That(File.Exists(path), Is.False);
        });
        Assert.That(File.ReadAllText(path), Is.EqualTo("works"));
    }

    [Test]
    public void A_full_disk_is_a_sentence_and_leaves_what_was_there()
    {
        using var folder = new ScratchFolder();
        string path = folder.File("image");
        File.WriteAllText(path, "old");
        var refused = Assert.Throws<SetupException>(() => CacheDirectory.WriteWhole(path, stream =>
        {
            stream.Write("half of the n"u8);
            using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
            full.Write("ew"u8);
        }));
        Assert.That(refused!.Message, Is.EqualTo(
            $"The disk that holds {path} is full: free some space, or set DMSIM_CACHE and TMPDIR to folders on a larger disk."));
        Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
        Assert.That(Directory.GetFiles(folder.Path), Is.EqualTo((string[])[path]), "no half file stays");
    }

    [Test]
    public void A_folder_that_cannot_be_made_is_a_sentence() =>
        Assert.That(() => new CacheDirectory("/dev/null/cache"), Throws.TypeOf<SetupException>()
            .With.Message.StartsWith("/dev/null/cache ").And.Message.Contains("set DMSIM_CACHE"));

    [Test]
    public async Task A_lock_is_held_by_one_at_a_time_and_says_when_it_must_wait()
    {
        using var folder = new ScratchFolder();
        var cache = new CacheDirectory(folder.Path);
        int waits = 0;
        var first = await cache.LockAsync("l", () => waits++, CancellationToken.None);
        var second = cache.LockAsync("l", () => waits++, CancellationToken.None);
        Assert.That((second.IsCompleted, waits), Is.EqualTo((false, 1)));
        first.Dispose();
        (await second).Dispose();
        Assert.That(waits, Is.EqualTo(1));
    }

    [Test]
    public void Waiting_for_a_lock_can_be_given_up()
    {
        using var folder = new ScratchFolder();
        var cache = new CacheDirectory(folder.Path);
        using var held = CacheDirectory.TryLock(folder.File("l"));
        using var cancel = new CancellationTokenSource();
        var waiting = cache.LockAsync("l", null, cancel.Token);
        cancel.Cancel();
        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Folders_of_dead_owners_are_swept_and_those_of_living_ones_stay()
    {
        using var folder = new ScratchFolder();
        using var living = RunDirectory.Create(folder.Path);
        string dead = folder.File("dmsim-0123456789ab");
        Directory.CreateDirectory(dead);
        File.WriteAllBytes(dead + ".lock", []);
        File.WriteAllText(Path.Combine(dead, "socket"), "");
        RunDirectory.Sweep(folder.Path);
        Assert.That((Directory.Exists(dead), File.Exists(dead + ".lock"), Directory.Exists(living.Path)), Is.EqualTo((false, false, true)));
        living.Dispose();
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Is.Empty);
    }

    [Test]
    public async Task An_image_is_made_once_for_a_digest()
    {
        using var folder = new ScratchFolder();
        var cache = new CacheDirectory(folder.Path);
        int made = 0;
        void Fill(CpioWriter cpio)
        {
            made++;
            cpio.AddFile("f", Encoding.UTF8.GetBytes("x"), executable: false);
        }
        string first = await ImageCache.GetAsync(cache, "k", "d", Fill, CancellationToken.None);
        string again = await ImageCache.GetAsync(cache, "k", "d", Fill, CancellationToken.None);
        string other = await ImageCache.GetAsync(cache, "k", "e", Fill, CancellationToken.None);
        Assert.That((made, first == again, first == other), Is.EqualTo((2, true, false)));
    }
}
