using DmSim.Kernel.Vm;
using NUnit.Framework;

namespace DmSim.Property.Kernel;

/// <summary>Which lines of a kernel's log are complaints, and what a report of them is called.</summary>
public sealed class GuestCrashDetectorTests
{
    [TestCase(CrashFamily.PageFault, "BUG: kernel NULL pointer dereference, address: 0000000000000008")]
    [TestCase(CrashFamily.PageFault, "BUG: unable to handle page fault for address: ffffc90000400000")]
    [TestCase(CrashFamily.GeneralProtection, "general protection fault, probably for non-canonical address 0xdead000000000108: 0000 [#1] PREEMPT SMP NOPTI")]
    [TestCase(CrashFamily.Bug, "kernel BUG at drivers/md/dm-bufio.c:1893!")]
    [TestCase(CrashFamily.Bug, "BUG: something new")]
    [TestCase(CrashFamily.InvalidOpcode, "invalid opcode: 0000 [#1] PREEMPT SMP NOPTI")]
    [TestCase(CrashFamily.DivideError, "divide error: 0000 [#1] PREEMPT SMP NOPTI")]
    [TestCase(CrashFamily.HungTask, "INFO: task dmsetup:214 blocked for more than 120 seconds.")]
    [TestCase(CrashFamily.SoftLockup, "watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [dmsetup:214]")]
    [TestCase(CrashFamily.RcuStall, "rcu: INFO: rcu_preempt self-detected stall on CPU")]
    [TestCase(CrashFamily.Kasan, "BUG: KASAN: slab-use-after-free in dm_put_device+0x1a/0x40 [dm_mod]")]
    [TestCase(CrashFamily.Ubsan, "UBSAN: shift-out-of-bounds in drivers/md/dm-thin.c:1:2")]
    [TestCase(CrashFamily.AtomicContext, "BUG: sleeping function called from invalid context at mm/slab.h:494")]
    [TestCase(CrashFamily.AtomicContext, "BUG: scheduling while atomic: dmsetup/214/0x00000002")]
    [TestCase(CrashFamily.LockDebugging, "WARNING: possible circular locking dependency detected")]
    [TestCase(CrashFamily.ListCorruption, "list_del corruption. prev->next should be ffff, but was 0")]
    [TestCase(CrashFamily.Refcount, "refcount_t: underflow; use-after-free.")]
    [TestCase(CrashFamily.SlabCorruption, "BUG kmalloc-64 (Not tainted): Poison overwritten")]
    [TestCase(CrashFamily.BadPageState, "BUG: Bad page state in process dmsetup  pfn:12345")]
    [TestCase(CrashFamily.OutOfMemory, "Out of memory: Killed process 200 (dd) total-vm:1kB")]
    [TestCase(CrashFamily.Panic, "Kernel panic - not syncing: Fatal exception")]
    [TestCase(CrashFamily.Warning, "WARNING: CPU: 0 PID: 214 at drivers/md/dm.c:1234 dm_get+0x1/0x2 [dm_mod]")]
    public void A_complaint_is_recognised_with_and_without_time_stamp(CrashFamily family, string line)
    {
        foreach (string prefix in (string[])["", "[   12.345678] ", "<4>[   12.345678] ", "[    5.000001][  T214] "])
            Assert.That(GuestCrashDetector.Classify(prefix + line), Is.EqualTo(family), prefix);
    }

    [TestCase("device-mapper: ioctl: device doesn't appear to be in the dev hash table.")]
    [TestCase("device-mapper: table: 254:0: kernel BUG at: unknown target type")]
    [TestCase("device-mapper: ioctl: Oops: ")]
    [TestCase("Buffer I/O error on dev dm-0, logical block 0, async page read")]
    [TestCase("loop0: detected capacity change from 0 to 2048")]
    [TestCase("BUGs are fine")]
    public void Ordinary_lines_and_names_that_users_give_are_none(string line) =>
        Assert.That(GuestCrashDetector.Classify(line), Is.EqualTo(CrashFamily.None));

    private static GuestCrashDetector Read(string log)
    {
        var detector = new GuestCrashDetector();
        foreach (string line in log.Split('\n'))
            detector.Add(line);
        return detector;
    }

    [Test]
    public void A_title_names_what_happened_and_the_first_function_that_is_at_fault()
    {
        var crash = Read("""
            [    3.000000] BUG: kernel NULL pointer dereference, address: 0000000000000008
            [    3.000001] #PF: supervisor read access in kernel mode
            [    3.000002] Oops: 0000 [#1] PREEMPT SMP NOPTI
            [    3.000003] RIP: 0010:dm_table_destroy.part.0+0x1a/0x40 [dm_mod]
            [    3.000004] Call Trace:
            [    3.000005]  ? page_fault_oops+0x1/0x2
            [    3.000006]  dev_remove+0x1/0x2 [dm_mod]
            [    3.000007] ---[ end trace 0000000000000000 ]---
            [    3.000008] Kernel panic - not syncing: Fatal exception
            """).Crash!;
        Assert.That(crash.Title, Is.EqualTo("BUG: kernel NULL pointer dereference in dm_table_destroy"));
        Assert.That((crash.IsFatal, crash.Report.Count), Is.EqualTo((true, 8)), "the panic that follows is no report of its own, nor part of this one");
    }

    [Test]
    public void A_reporting_function_is_not_at_fault() => Assert.That(Read("""
        Kernel panic - not syncing: sysrq triggered crash
         panic+0x118/0x2f4
         ? _printk+0x68/0x83
         sysrq_handle_crash+0x16/0x20
        """).Crash!.Title, Is.EqualTo("kernel panic: sysrq triggered crash in sysrq_handle_crash"));

    [Test]
    public void A_crash_outranks_the_warning_before_it()
    {
        var detector = Read("""
            WARNING: CPU: 0 PID: 1 at block/bio.c:1 bio_put+0x1/0x2
            ---[ end trace 0000000000000000 ]---
            kernel BUG at drivers/md/dm.c:1!
            """);
        Assert.That(detector.Crash!.Family, Is.EqualTo(CrashFamily.Bug));
        Assert.That(detector.All.Select(c => c.IsFatal), Is.EqualTo((bool[])[false, true]));
        detector.Reset();
        Assert.That(detector.Crash, Is.Null);
    }
}
