using DmSim.Abi;
using DmSim.Property.Targets;
using NUnit.Framework;

namespace DmSim.Property.Statistics;

/// <summary>
/// @stats_create, @stats_print and the others. A printed line is "START+STEP", then reads, merged reads, sectors read, ms reading; the same
/// of writes; I/O on the way; ms busy, ms weighted; ms busy reading, ms busy writing; and the histogram. What is expected was
/// printed by a 6.1 kernel.
/// </summary>
public sealed class DeviceStatisticsTests
{
    private const string Nothing = " 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

    private static TestMachine Machine(string table = "0 1000 linear 7:0 0")
    {
        var machine = new TestMachine(4096, 4096);
        machine.Create("d", table);
        return machine;
    }

    private static TestFile Open(TestMachine machine) => machine.Open(DeviceNumber.Dm(0));

    [TestCase("- 100", "0: 0+1000 100 - -\n")]
    [TestCase("- /3 1 precise_timestamps prog aux", "0: 0+1000 334 prog aux precise_timestamps\n")]
    [TestCase("0+100 /1 2 Precise_Timestamps histogram:1000,2000", "0: 0+100 100 - - precise_timestamps histogram:1000,2000\n")]
    [TestCase("5+10 99999 0 7", "0: 5+10 99999 7 -\n", Description = "0 is no program, but that no features follow")]
    [TestCase("5+10 1 prog", "0: 5+10 1 prog -\n")]
    [TestCase("- /5000", "0: 0+1000 1 - -\n")]
    public void Makes_a_region(string words, string listed)
    {
        var machine = Machine();
        Assert.That(machine.Message("d", $"@stats_create {words}"), Is.EqualTo("0"));
        Assert.That(machine.Message("d", "@stats_list"), Is.EqualTo(listed));
    }

    [TestCase("@stats_create", Errno.EINVAL)]
    [TestCase("@stats_create - 0", Errno.EINVAL)]
    [TestCase("@stats_create - /0", Errno.EINVAL)]
    [TestCase("@stats_create 0+0 1", Errno.EINVAL)]
    [TestCase("@stats_create 1+18446744073709551615 1", Errno.EINVAL)]
    [TestCase("@stats_create 0+8x 1", Errno.EINVAL)]
    [TestCase("@stats_create - 1 1", Errno.EINVAL)]
    [TestCase("@stats_create - 1 1 histogram:5,5", Errno.EINVAL)]
    [TestCase("@stats_create - 1 2 histogram:5 histogram:6", Errno.EINVAL)]
    [TestCase("@stats_create - 1 prog aux more", Errno.EINVAL)]
    [TestCase("@stats_delete x", Errno.EINVAL)]
    [TestCase("@stats_print 0 1", Errno.EINVAL)]
    [TestCase("@stats_print 0 x 1", Errno.EINVAL)]
    [TestCase("@stats_set_aux 0", Errno.EINVAL)]
    [TestCase("@stats_list a b", Errno.EINVAL)]
    [TestCase("@stats_clear -1", Errno.EINVAL)]
    public void Refuses_wrong_words_and_says_so(string message, Errno errno)
    {
        var machine = Machine();
        machine.Log();
        Assert.That(machine.Message("d", message), Is.EqualTo(errno.ToString()));
        Assert.That(machine.Log(), Is.EqualTo(new[] { $"device-mapper: stats: Invalid parameters for message {message.Split(' ')[0]}" }));
    }

    [TestCase("@stats_delete 9", Errno.ENOENT)]
    [TestCase("@stats_print 9", Errno.ENOENT)]
    [TestCase("@stats_print_clear 9", Errno.ENOENT)]
    [TestCase("@stats_clear 9", Errno.ENOENT)]
    [TestCase("@stats_set_aux 9 x", Errno.ENOENT)]
    [TestCase("@stats_create 0+18446744073709551615 1", Errno.EOVERFLOW)]
    [TestCase("@stats_create 0+100000000000000 1", Errno.ENOMEM)]
    [TestCase("@stats_create 0+2000000 1", Errno.ENOMEM, Description = "more than a quarter of the machine's memory")]
    public void Refuses_in_silence(string message, Errno errno)
    {
        var machine = Machine();
        machine.Log();
        Assert.That(machine.Message("d", message), Is.EqualTo(errno.ToString()));
        Assert.That(machine.Log(), Is.Empty);
    }

    [Test]
    public void Counts_what_begins_or_ends_in_an_area()
    {
        var machine = Machine();
        machine.Message("d", "@stats_create - 100");
        using var file = Open(machine);
        file.Write(0, 128, 1);
        file.Write(128, 128, 1);
        for (ulong sector = 0; sector < 32; sector += 8)
            file.Sectors(sector, 8);
        Assert.That(machine.Message("d", "@stats_print 0 0 4"), Is.EqualTo(
            "0+100 4 3 32 0 1 0 100 0 0 0 0 0 0\n"
            + "100+100 0 0 0 0 2 1 100 0 0 0 0 0 0\n"
            + "200+100 0 0 0 0 1 1 56 0 0 0 0 0 0\n"
            + "300+100" + Nothing));
    }

    [TestCase("0", "0+300", "300+300", "600+300", "900+300")]
    [TestCase("0 1 2", "300+300", "600+300")]
    [TestCase("0 - 1", "0+300")]
    [TestCase("0 3 99", "900+300")]
    [TestCase("0 20 -")]
    public void Prints_the_areas_asked_for(string words, params string[] areas)
    {
        var machine = Machine();
        machine.Message("d", "@stats_create - 300");
        Assert.That(machine.Message("d", $"@stats_print {words}"), Is.EqualTo(string.Concat(areas.Select(area => area + Nothing))));
    }

    [Test]
    public void Clears_what_it_has_printed()
    {
        var machine = Machine();
        machine.Message("d", "@stats_create - /2");
        using var file = Open(machine);
        file.Write(0, 1000, 1);
        Assert.That(machine.Message("d", "@stats_print_clear 0 1 1"), Does.StartWith("500+500 0 0 0 0 1 "));
        Assert.That(machine.Message("d", "@stats_print 0"), Does.Match(@"^0\+500 0 0 0 0 1 0 500 .*\n500\+500 0 0 0 0 0 0 0 0 0 0 0 0 0\n$"));
        Assert.That(machine.Message("d", "@stats_clear 0"), Is.Empty);
        Assert.That(machine.Message("d", "@stats_print 0"), Is.EqualTo($"0+500{Nothing}500+500{Nothing}"));
    }

    [Test]
    public void A_delay_takes_its_time_and_a_tick()
    {
        var machine = Machine("0 1000 delay 7:0 0 100");
        machine.Message("d", "@stats_create - /1 1 histogram:50,104,200");
        machine.Message("d", "@stats_create - /1 2 precise_timestamps histogram:50000000,104000001");
        using var file = Open(machine);
        var read = file.Handle.ReadAsync(0, new byte[512]);
        Assert.That(machine.Message("d", "@stats_print 0"), Is.EqualTo("0+1000 0 0 0 0 0 0 0 0 0 0 0 0 0 0:0:0:0\n"), "not yet submitted below");
        machine.Sleep(150);
        Assert.That(read.IsCompleted);
        Assert.That(machine.Message("d", "@stats_print 0"), Is.EqualTo("0+1000 1 0 1 104 0 0 0 0 0 0 0 0 0 0:0:1:0\n"));
        Assert.That(machine.Message("d", "@stats_print 1"), Is.EqualTo("0+1000 1 0 1 104000000 0 0 0 0 0 0 0 0 0 0:1:0\n"));
    }

    [Test]
    public void What_is_on_the_way_below_counts_as_busy_time()
    {
        var machine = Machine("0 1000 delay 7:0 0 100");
        machine.Create("top", "0 1000 linear 254:0 0");
        machine.Message("top", "@stats_create - /1");
        using var file = machine.Open(DeviceNumber.Dm(1));
        var read = file.Handle.ReadAsync(0, new byte[512]);
        machine.Sleep(40);
        var write = file.WriteAsync(8, new byte[512]);
        machine.Sleep(40);
        Assert.That(machine.Message("top", "@stats_print 0"), Is.EqualTo("0+1000 0 0 0 0 0 0 0 0 2 80 120 80 40\n"));
        machine.Sleep(100);
        Assert.That((read.IsCompleted, write.IsCompleted), Is.EqualTo((true, true)));
        Assert.That(machine.Message("top", "@stats_print 0"), Is.EqualTo("0+1000 1 0 1 104 1 0 1 104 0 144 208 104 104\n"));
    }

    [Test]
    public void A_region_begins_when_nothing_is_on_the_way()
    {
        var machine = Machine("0 1000 delay 7:0 0 100");
        using var file = Open(machine);
        var read = file.Handle.ReadAsync(0, new byte[512]);
        var create = machine.MessageAsync("d", "@stats_create - /1");
        Assert.That(create.IsCompleted, Is.False);
        machine.Sleep(150);
        Assert.That((read.IsCompleted, TestMachine.Now(create).Value), Is.EqualTo((true, "0")));
        Assert.That(machine.Message("d", "@stats_print 0"), Is.EqualTo($"0+1000{Nothing}"));
    }

    [Test]
    public void A_suspended_device_takes_a_region_at_once()
    {
        var machine = Machine();
        machine.Suspend("d");
        Assert.That(machine.Message("d", "@stats_create - /1"), Is.EqualTo("0"));
        using var file = Open(machine);
        var write = file.WriteAsync(0, new byte[512]);
        Assert.That(machine.Message("d", "@stats_print 0"), Is.EqualTo($"0+1000{Nothing}"), "what waits for the resume has not begun");
        machine.Resume("d");
        Assert.That(write.IsCompleted);
        Assert.That(machine.Message("d", "@stats_print 0"), Is.EqualTo("0+1000 0 0 0 0 1 0 1 0 0 0 0 0 0\n"));
    }

    [Test]
    public void Regions_outlive_the_table_and_keep_their_range()
    {
        var machine = Machine();
        machine.Message("d", "@stats_create - /1");
        using (var file = Open(machine))
            file.Write(0, 8, 1);
        machine.Load("d", "0 2000 linear 7:1 0");
        machine.Suspend("d");
        machine.Resume("d");
        using (var file = Open(machine))
            file.Write(996, 8, 1);
        Assert.That(machine.Message("d", "@stats_print 0"), Is.EqualTo("0+1000 0 0 0 0 2 0 12 0 0 0 0 0 0\n"));
        Assert.That(machine.Message("d", "@stats_create - /1"), Is.EqualTo("1"));
        Assert.That(machine.Message("d", "@stats_list"), Does.EndWith("1: 0+2000 2000 - -\n"));
    }

    [Test]
    public void I_o_that_the_table_refuses_is_not_counted_but_what_fails_below_is()
    {
        var machine = Machine();
        machine.Create("below", "0 8 error");
        machine.Load("d", "0 8 error\n8 8 linear 254:1 0");
        machine.Suspend("d");
        machine.Resume("d");
        machine.Message("d", "@stats_create - /1");
        using var file = Open(machine);
        Assert.That(file.Write(0, 1, 1), Is.EqualTo(Errno.EIO));
        Assert.That(file.Write(8, 1, 1), Is.EqualTo(Errno.EIO));
        Assert.That(machine.Message("d", "@stats_print 0"), Is.EqualTo("0+16 0 0 0 0 1 0 1 0 0 0 0 0 0\n"));
    }

    [Test]
    public void The_lowest_free_number_is_given_out()
    {
        var machine = Machine();
        foreach (string id in new[] { "0", "1", "2" })
            Assert.That(machine.Message("d", "@stats_create - /1"), Is.EqualTo(id));
        machine.Message("d", "@stats_delete 1");
        Assert.That(machine.Message("d", "@stats_create - /2"), Is.EqualTo("1"));
        Assert.That(machine.Message("d", "@stats_list"), Is.EqualTo("0: 0+1000 1000 - -\n1: 0+1000 500 - -\n2: 0+1000 1000 - -\n"));
    }

    /// <summary>/sys/module/dm_mod/parameters/stats_current_allocated_bytes on Debian's 6.1.</summary>
    [Test]
    public void Takes_as_much_memory_as_the_kernel()
    {
        var machine = Machine();
        var memory = machine.Machine.Kernel.StatisticsMemory;
        machine.Message("d", "@stats_create - 100");
        Assert.That(memory.Allocated, Is.EqualTo(67904));
        machine.Message("d", "@stats_create - /3 1 precise_timestamps prog aux");
        Assert.That(memory.Allocated, Is.EqualTo(134240));
        machine.Message("d", "@stats_create 0+100 /1 2 precise_timestamps histogram:1000,2000");
        Assert.That(memory.Allocated, Is.EqualTo(200176));
        machine.Remove("d");
        Assert.That(memory.Allocated, Is.Zero);
    }

    /// <summary>User space asks again with more room, as libdevmapper does.</summary>
    [Test]
    public void An_answer_that_does_not_fit_clears_nothing()
    {
        var machine = Machine();
        machine.Message("d", "@stats_create - 1");
        using var file = Open(machine);
        file.Write(0, 1000, 1);
        string[] lines = machine.Message("d", "@stats_print_clear 0").TrimEnd('\n').Split('\n');
        Assert.That(lines, Has.Length.EqualTo(1000).And.All.EndsWith(" 0 0 0 0 1 0 1 0 0 0 0 0 0"), "a thousand lines do not fit at first");
        Assert.That(machine.Message("d", "@stats_print 0 0 1"), Is.EqualTo($"0+1{Nothing}"));
    }
}
