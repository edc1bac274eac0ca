using DmSim.Kernel.Local;
using NUnit.Framework;

namespace DmSim.Property.Kernel;

/// <summary>Pages of which none lies right behind the one before it, so that a request has as many segments as pages.</summary>
public sealed class ScatteredPagesTests
{
    private const ulong Present = 1UL << 63;

    [TestCase(new ulong[] { 9, 8, 7 }, -1)]
    [TestCase(new ulong[] { 9, 10, 7 }, 1)]
    [TestCase(new ulong[] { 9, 11, 12 }, 2)]
    [TestCase(new ulong[] { 5 }, -1)]
    public void The_first_page_that_continues_another_is_found(ulong[] frames, int expected) =>
        Assert.That(ScatteredPages.FirstContinued([.. frames.Select(f => f | Present)]), Is.EqualTo(expected));

    [Test]
    public void Nothing_is_found_where_the_kernel_does_not_tell_where_pages_are() =>
        Assert.That(ScatteredPages.FirstContinued([Present, Present | 1, Present]), Is.EqualTo(-1));
}
