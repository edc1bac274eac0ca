using System.Text.RegularExpressions;

namespace DmSim.Kernel.Vm;

/// <summary>
/// The lines with which a kernel says that it is broken: the union of what blktests (common/rc, dmesg check) and syzkaller
/// (pkg/report/linux.go) look for on x86, and that a kernel prints without a sanitizer's or a driver's help.
/// </summary>
/// <remarks>
/// Each pattern is matched at the start of a line only. dm puts user's text (names, table parameters) into its own lines, which
/// start with "device-mapper:", so a device called "kernel BUG at" is not taken for one.
/// </remarks>
internal static class CrashPatterns
{
    /// <param name="Title">What the title starts with; $1 stands for the pattern's first group.</param>
    public sealed record Pattern(CrashFamily Family, Regex Start, string Title);

    /// <summary>In order: the first that matches names the report.</summary>
    public static readonly IReadOnlyList<Pattern> All =
    [
        Of(CrashFamily.Kasan, @"BUG: KASAN: (.+?)(?: in \S+| at addr .*)?$", "KASAN: $1"),
        Of(CrashFamily.Kasan, @"BUG: KFENCE: (.+?)(?: in \S+)?$", "KFENCE: $1"),
        Of(CrashFamily.Kmsan, @"BUG: KMSAN: (.+?)(?: in \S+)?$", "KMSAN: $1"),
        Of(CrashFamily.Kcsan, @"BUG: KCSAN: (.+?)(?: in .+)?$", "KCSAN: $1"),
        Of(CrashFamily.Ubsan, @"UBSAN: (.+?)(?: in .+)?$", "UBSAN: $1"),
        Of(CrashFamily.PageFault, @"BUG: kernel NULL pointer dereference", "BUG: kernel NULL pointer dereference"),
        Of(CrashFamily.PageFault, @"BUG: unable to handle (?:kernel )?NULL pointer dereference", "BUG: kernel NULL pointer dereference"),
        Of(CrashFamily.PageFault, @"BUG: unable to handle (?:page fault|kernel paging request)", "BUG: unable to handle page fault"),
        Of(CrashFamily.PageFault, @"Unable to handle kernel (.+?) at virtual address", "unable to handle kernel $1"),
        Of(CrashFamily.PageFault, @"kernel tried to execute NX-protected page", "kernel tried to execute NX-protected page"),
        Of(CrashFamily.SoftLockup, @"(?:NMI )?(?:watchdog: )?BUG: soft lockup", "BUG: soft lockup"),
        Of(CrashFamily.SoftLockup, @"(?:BUG: )?workqueue lockup", "BUG: workqueue lockup"),
        Of(CrashFamily.HardLockup, @"(?:NMI )?(?:watchdog: )?Watchdog detected hard LOCKUP", "hard lockup"),
        Of(CrashFamily.RcuStall, @"(?:rcu: )?INFO: rcu_\S+ (?:self-)?detected (?:expedited )?stalls?", "INFO: rcu detected stall"),
        Of(CrashFamily.RcuStall, @"(?:rcu: )?rcu_\S+ kthread (?:starved|timer wakeup)", "INFO: rcu kthread starved"),
        Of(CrashFamily.HungTask, @"INFO: task \S+ blocked (?:on .+ )?for more than", "INFO: task hung"),
        Of(CrashFamily.HungTask, @"INFO: task \S+ can't die for more than", "INFO: task can't die"),
        Of(CrashFamily.AtomicContext, @"BUG: (sleeping function called from invalid context)", "BUG: $1"),
        Of(CrashFamily.AtomicContext, @"BUG: (scheduling while atomic)", "BUG: $1"),
        Of(CrashFamily.AtomicContext, @"BUG: using \S+ in preemptible", "BUG: per-CPU data used in preemptible code"),
        Of(CrashFamily.LockDebugging, @"BUG: (spinlock [a-z ]+|rwlock [a-z ]+|still has locks held|held lock freed)", "BUG: $1"),
        Of(CrashFamily.LockDebugging, @"(?:WARNING|INFO|BUG|ERR): ((?:possible|inconsistent|suspicious|bad|held|lock|nested) [a-zA-Z ]*(?:lock|RCU)[a-zA-Z ]*)", "$1"),
        Of(CrashFamily.LockDebugging, @"INFO: trying to register non-static key", "INFO: trying to register non-static key"),
        Of(CrashFamily.LockDebugging, @"DEBUG_LOCKS_WARN_ON", "DEBUG_LOCKS_WARN_ON"),
        Of(CrashFamily.BadPageState, @"BUG: Bad (page \w+|rss-counter state)", "BUG: bad $1"),
        Of(CrashFamily.BadPageState, @"BUG: non-zero pgtables_bytes", "BUG: non-zero pgtables_bytes"),
        Of(CrashFamily.SlabCorruption, @"BUG \S+ \((?:Not tainted|Tainted|[A-Z ]+).*?\): (.+?)(?: 0x[0-9a-f].*)?$", "slab: $1"),
        Of(CrashFamily.ListCorruption, @"(list_(?:add|del)) corruption", "$1 corruption"),
        Of(CrashFamily.Refcount, @"refcount_t: ([^.]+)", "refcount_t: $1"),
        Of(CrashFamily.Bug, @"kernel BUG at (\S+?:\d+)", "kernel BUG"),
        Of(CrashFamily.StackFault, @"BUG: (stack guard page was hit|TASK stack guard page was hit)", "BUG: $1"),
        Of(CrashFamily.Bug, @"BUG: (.+)$", "BUG: $1"),
        Of(CrashFamily.GeneralProtection, @"general protection fault(?:,|:)", "general protection fault"),
        Of(CrashFamily.InvalidOpcode, @"invalid opcode: ", "invalid opcode"),
        Of(CrashFamily.DivideError, @"divide error: ", "divide error"),
        Of(CrashFamily.StackFault, @"stack segment: ", "stack segment fault"),
        Of(CrashFamily.StackFault, @"(?:PANIC: )?(double fault)", "double fault"),
        Of(CrashFamily.StackFault, @"kernel stack overflow", "kernel stack overflow"),
        Of(CrashFamily.Oops, @"(int3|alignment check|segment not present|invalid TSS|bounds): [0-9a-f]{4} \[", "$1"),
        Of(CrashFamily.Oops, @"Oops: ", "Oops"),
        Of(CrashFamily.Oops, @"Internal error: (.+?)(?:: |$)", "internal error: $1"),
        Of(CrashFamily.Oops, @"Unhandled fault: ", "unhandled fault"),
        Of(CrashFamily.OutOfMemory, @"Out of memory: Killed process", "out of memory"),
        Of(CrashFamily.OutOfMemory, @"\S+ invoked oom-killer", "out of memory"),
        Of(CrashFamily.MemoryLeak, @"unreferenced object 0x[0-9a-f]+", "memory leak"),
        Of(CrashFamily.Panic, @"Kernel panic - not syncing: (.+)$", "kernel panic: $1"),
        Of(CrashFamily.Warning, @"WARNING: CPU: \d+ PID: \d+ at \S+", "WARNING"),
        Of(CrashFamily.Warning, @"WARNING: (.+)$", "WARNING: $1"),
    ];

    private static Pattern Of(CrashFamily family, string start, string title) =>
        new(family, new Regex("^" + start, RegexOptions.CultureInvariant), title);

    /// <summary>
    /// Functions that stand at the top of a trace because they report, not because they are at fault; then those in which any
    /// sleeping task stands.
    /// </summary>
    public static readonly IReadOnlySet<string> Uninteresting = new HashSet<string>
    {
        "dump_stack", "dump_stack_lvl", "show_stack", "show_regs", "show_trace", "print_report", "print_address_description", "kasan_report",
        "kasan_check_range", "check_memory_region", "kasan_report_invalid_free", "memcpy", "memset", "memmove", "panic", "warn_slowpath_fmt",
        "warn_slowpath_null", "__warn", "__warn_printk", "report_bug", "handle_bug", "exc_invalid_op", "asm_exc_invalid_op", "fixup_bug",
        "do_error_trap", "do_invalid_op", "invalid_op", "refcount_warn_saturate", "refcount_error_report", "__list_add_valid",
        "__list_add_valid_or_report", "__list_del_entry_valid", "__list_del_entry_valid_or_report", "die", "oops_end", "no_context", "page_fault_oops",
        "exc_page_fault", "asm_exc_page_fault", "exc_general_protection", "asm_exc_general_protection", "asm_exc_divide_error", "__might_resched",
        "__might_sleep", "___might_sleep", "__schedule_bug", "ubsan_epilogue", "handle_overflow", "debug_object_assert_init",
        "__schedule", "schedule", "schedule_timeout", "io_schedule", "io_schedule_timeout", "schedule_preempt_disabled", "wait_for_completion",
        "wait_for_completion_io", "__wait_for_common", "wait_for_common", "bit_wait", "bit_wait_io", "__wait_on_bit", "out_of_line_wait_on_bit",
        "rwsem_down_read_slowpath", "rwsem_down_write_slowpath", "down_read", "down_write", "__down_read", "__down_write", "mutex_lock",
        "__mutex_lock", "__mutex_lock_slowpath", "mutex_lock_nested", "folio_wait_bit_common", "lock_acquire", "lock_release", "__lock_acquire",
        "_raw_spin_lock", "_raw_spin_lock_irq", "_raw_spin_lock_irqsave", "native_queued_spin_lock_slowpath",
    };
}
