using DmSim.Kernel.Vm;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>dmsim kernels [list|fetch TAG]</summary>
public sealed class KernelsVerbTests
{
    private static string Half(ScratchFolder cache) => Path.Combine(cache.Path, "kernels", $".{KernelCatalog.DefaultTag}.half");

    private static string Row(ScratchFolder cache)
    {
        var (status, output, errors) = Dmsim.Run(cache.Path, "kernels", "list");
        Assert.That((status, errors), Is.EqualTo((0, "")));
        return output.Split('\n').Single(l => l.StartsWith(KernelCatalog.DefaultTag + " ", StringComparison.Ordinal));
    }

    [Test]
    public void Lists_every_kernel_it_knows()
    {
        using var cache = new ScratchFolder();
        var (status, output, _) = Dmsim.Run(cache.Path, "kernels");
        Assert.That(status, Is.EqualTo(0));
        Assert.That(output.Split('\n').Where(l => l.Contains("not fetched")).Select(l => l.Split(' ')[0]), Is.EqualTo(KernelCatalog.All.Select(k => k.Tag)));
        Assert.That(output, Does.Contain($"cache: {cache.Path}"));
    }

    [Test]
    public void What_is_half_fetched_is_not_there_and_what_is_damaged_says_so()
    {
        using var cache = new ScratchFolder();
        Directory.CreateDirectory(Half(cache));
        Assert.That(Row(cache), Does.Contain("not fetched"));
        Directory.CreateDirectory(Path.Combine(cache.Path, "kernels", KernelCatalog.DefaultTag));
        Assert.That(Row(cache), Does.Contain("damaged: fetch it --again"));
    }

    [TestCase("/dev/null/cache")]
    [TestCase("/proc/cache")]
    public void A_cache_that_cannot_be_written_is_one_sentence_and_status_3(string cache)
    {
        var (status, output, errors) = Dmsim.Run(cache, "kernels", "fetch", KernelCatalog.DefaultTag);
        Assert.That((status, output), Is.EqualTo((3, "")));
        Assert.That(errors, Does.Match($"^dmsim: {cache} .*set DMSIM_CACHE.*\n$"));
    }

    [Test]
    public void An_unknown_tag_is_one_sentence_and_status_3()
    {
        using var cache = new ScratchFolder();
        var (status, _, errors) = Dmsim.Run(cache.Path, "kernels", "fetch", "2.4");
        Assert.That((status, errors), Is.EqualTo((3, "dmsim: There is no kernel '2.4': use one of "
            + $"{string.Join(", ", KernelCatalog.All.Select(k => k.Tag))}, or --kernel FILE --modules DIR for one of your own.\n")));
    }

    [Test, Category("kernel")]
    public void A_fetch_that_was_killed_leaves_nothing_that_the_next_one_trips_over()
    {
        Dmsim.RequireVm();
        using var cache = new ScratchFolder();
        using (var killed = Dmsim.Start(cache.Path, "kernels", "fetch", KernelCatalog.DefaultTag))
        {
            Assert.That(() => Directory.Exists(Half(cache)), Is.True.After(60_000, 5), "the fetch does not begin");
            killed.Signal("KILL");
            killed.End();
        }
        Assert.That(Row(cache), Does.Contain("not fetched"));

        var (status, output, errors) = Dmsim.Run(cache.Path, "kernels", "fetch", KernelCatalog.DefaultTag);
        Assert.That(status, Is.EqualTo(0), errors);
        Assert.That(errors, Does.Contain("downloading linux-image-").And.Not.Contain("_apt"));
        Assert.That(output, Does.StartWith($"kernel {KernelCatalog.DefaultTag}: {KernelCatalog.DefaultTag}."));
        Assert.That(Row(cache), Does.Contain(" MiB"));
        Assert.That(Directory.Exists(Half(cache)), Is.False);
        Assert.That(Dmsim.Run(cache.Path, "kernels", "fetch", KernelCatalog.DefaultTag), Is.EqualTo((0, output, "")), "a second fetch has nothing to do");
    }
}
